-- A notebook that ran, as blocks for a page of its own: Markdown that cells show is read, a picture stands in a figure
-- with the cell's caption and alternative text, and nothing that a cell shows can run or lead anywhere unforeseen.

local READ = 'markdown-raw_html-raw_tex-raw_attribute-smart'
local REPORT = '../index.html'

local function attribute(div, name)
  local text = div.attributes[name]
  div.attributes[name] = nil
  return text
end

local function plain(text) return pandoc.utils.blocks_to_inlines(pandoc.read(text, READ).blocks) end

-- The picture of a cell in a figure; the first picture carries the cell's words.
local function figure(paragraph, words)
  local image = #paragraph.content == 1 and paragraph.content[1]
  if not image or image.t ~= 'Image' then return nil end
  image.caption = pandoc.Inlines(words.alt or 'A picture without words')
  image.title = ''
  return pandoc.Figure({ pandoc.Plain({ image }) }, { long = words.caption and { pandoc.Plain(plain(words.caption)) } or {} })
end

local function shown(raw) return raw.format == 'markdown' and pandoc.read(raw.text, READ).blocks or {} end

local function scrolling(element, words)
  if words.caption then element.caption = { long = { pandoc.Plain(plain(words.caption)) } } end
  return pandoc.Div({ element }, pandoc.Attr('', { 'table-scroll' },
    { { 'role', 'group' }, { 'tabindex', '0' }, { 'aria-label', 'Table, which scrolls sideways in a narrow window' } }))
end

local function cell(div)
  if not div.classes:includes('cell') then return nil end
  local words = { caption = attribute(div, 'caption'), alt = attribute(div, 'alt') }
  div.attributes['execution_count'] = nil
  div.identifier = attribute(div, 'label') or '' -- ids of cells could be those of headings
  local made = div:walk({ RawBlock = shown }):walk({ RawBlock = function() return {} end, RawInline = function() return {} end })
  return made:walk({ traverse = 'topdown',
    Para = function(block) return figure(block, words) end,
    Table = function(element) return scrolling(element, words), false end,
    Div = function(inner) inner.attributes['execution_count'] = nil return inner end,
  })
end

-- The notebook's title is the page's; what stands below it keeps its level.
local function heading(header)
  if header.level == 1 then return {} end
  header.level = math.min(header.level, 6)
  return header
end

local function link(element)
  if element.target:match('^https?://') then return element end
  if element.target:match('^#[%w-]+$') then
    element.target = REPORT .. element.target
    return element
  end
  return element.content
end

-- References to parts of the report, and works cited: each leads to its place there.
local function references(cite)
  local links = pandoc.Inlines({})
  for i, one in ipairs(cite.citations) do
    local part = one.id:match('^%a+%-') and one.id
    if i > 1 then links:insert(pandoc.Str('; ')) end
    links:insert(pandoc.Link(part and 'the report' or one.id, REPORT .. '#' .. (part or 'ref-' .. one.id)))
  end
  return links
end

return { { Div = cell }, { Header = heading, Link = link }, { Cite = references } }
