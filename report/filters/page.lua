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

-- Width in rem below which a column of words or of numbers would be hard to read.
local WORDS, NUMBERS = 8, 3.9

local function least_width(element)
  local width = 0
  for _, column in ipairs(element.colspecs) do
    width = width + (column[1] == 'AlignRight' and NUMBERS or WORDS)
  end
  return math.min(width, 70)
end

local function scrolling(element)
  return pandoc.Div({ element }, pandoc.Attr('', { 'table-scroll' }, { -- pairs, since a table of names has no order
    { 'role', 'group' }, { 'tabindex', '0' }, { 'aria-label', 'Table, which scrolls sideways in a narrow window' },
    { 'style', ('--least: %grem'):format(least_width(element)) } }))
end

-- "Figure 1:" and "Table 1:" at the head of a caption, marked for the style sheet.
local function caption(block)
  local first = block.content[1]
  local label, rest = nil, nil
  if first and first.t == 'Str' then label, rest = first.text:match('^(%u%l+' .. utf8.char(0xA0) .. '%d+:)(.*)$') end
  if not label then return nil end
  block.content[1] = pandoc.Span({ pandoc.Str(label) }, pandoc.Attr('', { 'caption-label' }))
  if rest ~= '' then block.content:insert(2, pandoc.Str(rest)) end
  return block
end

-- Years such as 2024-25 and compounds in the title are not broken at their hyphen, as browsers would.
local function unbroken(str) return pandoc.Span({ str }, pandoc.Attr('', { 'unbroken' })) end

local function year(str)
  if str.text:match('%d%d%d%d%-%d%d') and utf8.len(str.text) < 24 then return unbroken(str), false end
end

local function title(meta)
  if pandoc.utils.type(meta.title) ~= 'Inlines' then return nil end
  meta.pagetitle = meta.pagetitle or pandoc.MetaString(pandoc.utils.stringify(meta.title))
  meta.title = meta.title:walk({ Str = function(str) if str.text:match('%w%-%w') then return unbroken(str) end end })
  return meta
end

-- The box round a figure's picture, which scrolls on a phone, where the chart's words would else be too small.
local function picture_box(div)
  if #div.content == 0 then return nil end
  local first = div.content[1]
  local picture = #div.content == 1 and first.t == 'Plain' and #first.content == 1 and first.content[1].t == 'Image'
  if not (picture and div.attributes['aria-describedby']) then return nil end
  div.classes:insert('picture-scroll')
  div.attributes['role'] = 'group'
  div.attributes['tabindex'] = '0'
  div.attributes['aria-label'] = 'Chart, which scrolls sideways in a narrow window'
  return div
end

return { { traverse = 'topdown', Header = heading, Div = picture_box, Plain = caption, Para = caption,
  Table = function(element) return scrolling(element), false end },
  { traverse = 'topdown', Str = year, Link = function(link) if link.classes:includes('uri') then return link, false end end },
  { Meta = title } }
