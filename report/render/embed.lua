-- Embedded notebook cells, in the element structure that Quarto gives them.

local job = require('job')
local shortcodes = require('shortcodes')

-- Text of a notebook is data as well as prose: no raw HTML, TeX or Typst gets through.
local READER = 'markdown-raw_html-raw_tex-raw_attribute-native_divs-native_spans'

local function read(text)
  return shortcodes.expand_blocks(pandoc.read(text, READER).blocks)
end

-- A caption is one line of words: read behind a word, it cannot begin a list, a heading or a table.
local function words(text)
  local inlines = pandoc.utils.blocks_to_inlines(read('x ' .. text:gsub('%s+', ' ')))
  inlines:remove(1)
  inlines:remove(1)
  return inlines
end

local function float(cell, classes, content)
  local div = pandoc.Div(content, pandoc.Attr(cell.label, classes))
  if cell.caption ~= '' then
    div.content:insert(pandoc.Para(words(cell.caption)))
  end
  div.attributes['iapt-float'] = cell.kind
  return div
end

local function picture(cell)
  local alt = shortcodes.expand_to_text(cell.alt or '')
  return pandoc.Plain({ pandoc.Image({}, cell.image, '', pandoc.Attr('', {}, { ['fig-alt'] = alt })) })
end

local function table_classes(blocks)
  return blocks:walk({
    Table = function(element)
      element.classes:insert('cell')
      return element
    end,
  })
end

local builders = {}

function builders.fig(cell)
  local output = pandoc.Div({ float(cell, {}, { picture(cell) }) },
    pandoc.Attr('', { 'cell-output', 'cell-output-display' }))
  return pandoc.Div({ output }, pandoc.Attr('cell-' .. cell.label, { 'cell' }))
end

function builders.tbl(cell)
  local output = pandoc.Div(table_classes(read(cell.markdown)),
    pandoc.Attr('', { 'cell-output', 'cell-output-display', 'cell-output-markdown' }))
  return pandoc.Div({ float(cell, { 'cell' }, { output }) }, pandoc.Attr('', { 'cell' }))
end

function builders.plain(cell)
  local output = pandoc.Div(read(cell.markdown),
    pandoc.Attr('', { 'cell-output', 'cell-output-display', 'cell-output-markdown' }))
  return pandoc.Div({ output }, pandoc.Attr('cell-' .. cell.label, { 'cell' }))
end

return {
  Div = function(element)
    local key = element.attributes['iapt-embed']
    if not key then return nil end
    local cell = job.given.cells[tonumber(key) + 1]
    return pandoc.Div({ builders[cell.kind](cell) }, pandoc.Attr('', { 'quarto-embed-nb-cell' },
      { { 'data-notebook', cell.notebook }, { 'data-notebook-cellid', 'cell-' .. cell.label } }))
  end,
}
