-- The web page's own needs: one first heading (the report's title), so that chapters are second; and wide tables that
-- scroll inside a box of their own, which the keyboard reaches.

if not FORMAT:match('html') then return {} end

local depth = {}

-- Numbers are written before the levels move, else Pandoc would count chapters as 0.1, 0.2.
local function heading(header)
  if not header.classes:includes('unnumbered') then
    depth[header.level] = (depth[header.level] or 0) + 1
    for level = header.level + 1, 9 do depth[level] = nil end
    local parts = {}
    for level = 1, header.level do parts[level] = tostring(depth[level] or 0) end
    header.attributes['number'] = header.attributes['number'] or table.concat(parts, '.')
  end
  header.level = header.level + 1
  return header
end

local function scrolling(element)
  return pandoc.Div({ element }, pandoc.Attr('', { 'table-scroll' }, {
    role = 'group', tabindex = '0', ['aria-label'] = 'Table, which scrolls sideways in a narrow window',
    style = '--columns: ' .. #element.colspecs }))
end

return { { traverse = 'topdown', Header = heading, Table = function(element) return scrolling(element), false end } }
