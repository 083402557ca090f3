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

-- Rem that a column needs: words wrap and need little more than their longest word, numbers do not wrap.
local LETTER, GUTTER, WORDS, MOST = 0.42, 0.8, 7.5, 38

local function length_and_longest_word(contents)
  local text, longest = pandoc.utils.stringify(contents), 0
  for word in text:gmatch('%S+') do longest = math.max(longest, utf8.len(word)) end
  return utf8.len(text), longest
end

local function columns_need(element)
  local need = {}
  local function take(rows, heading)
    for _, row in ipairs(rows) do
      for i, cell in ipairs(row.cells) do
        local right = element.colspecs[i] and element.colspecs[i][1] == 'AlignRight'
        local length, longest = length_and_longest_word(cell.contents)
        local words = math.max(longest * LETTER, math.min(length * LETTER, WORDS))
        local least = heading and longest * LETTER or right and length * LETTER or math.min(words, 2 * WORDS)
        need[i] = math.max(need[i] or 0, least + GUTTER)
      end
    end
  end
  take(element.head.rows, true)
  for _, body in ipairs(element.bodies) do take(body.body, false) end
  return need
end

-- Width in rem below which the table would be hard to read; what does not fit the page's column scrolls.
local function least_width(element)
  local sum = 0
  for _, width in ipairs(columns_need(element)) do sum = sum + width end
  return math.min(math.floor(10 * sum + 0.5) / 10, MOST)
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

-- Years such as 2024-25, scales such as PHQ-9, p-value and compounds in the title are not broken at their hyphen, as browsers would.
local function unbroken(str) return pandoc.Span({ str }, pandoc.Attr('', { 'unbroken' })) end

local function year(str)
  if (str.text:match('%d%d%d%d%-%d%d') or str.text:match('%u%u+%-%d') or str.text:match('^%a%-%a')) and utf8.len(str.text) < 24 then return unbroken(str), false end
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
