-- The report's own divs in print: each becomes a function of the same name in theme/typst-template.typ.
-- On the page they stay as they are: the style sheet draws them.

if not FORMAT:match('typst') then return {} end

local BOXES = { 'question', 'limits', 'edition', 'fig-source', 'compact', 'claims', 'evidence', 'stamp', 'lead', 'closing' }
local SHORT = 20 -- a result's text up to this length is kept on one line
local CLOSING = 3000 -- a chapter's last section up to this length may be kept in one piece
local LEAD = 300 -- a paragraph up to this length is kept on the page of the list that follows it

local function escaped(text) return pandoc.write(pandoc.Pandoc({ pandoc.Plain({ pandoc.Str(text) }) }), 'typst'):gsub('%s+$', '') end

local function wrapped(before, content, after)
  local blocks = pandoc.Blocks({ pandoc.RawBlock('typst', before) })
  blocks:extend(content)
  blocks:insert(pandoc.RawBlock('typst', after))
  return blocks
end

local function has_table(div)
  local found = false
  div:walk({ Table = function() found = true end })
  return found
end

local function leads(blocks)
  for i = 1, #blocks - 1 do
    local listed = blocks[i + 1].t == 'BulletList' or blocks[i + 1].t == 'OrderedList'
    if listed and blocks[i].t == 'Para' and utf8.len(pandoc.utils.stringify(blocks[i])) <= LEAD then
      blocks[i] = pandoc.Div({ blocks[i] }, pandoc.Attr('', { 'lead' }))
    end
  end
  return blocks
end

-- A chapter's last section, where it is short and of words alone, in a div of its own.
local WORDS = { Para = true, BulletList = true, OrderedList = true, BlockQuote = true, CodeBlock = true }

local function closing(blocks, last)
  local first, length = last, 0
  while first > 1 and blocks[first].t ~= 'Header' do
    if not WORDS[blocks[first].t] then return nil end
    length = length + utf8.len(pandoc.utils.stringify(blocks[first]))
    first = first - 1
  end
  local found = blocks[first].t == 'Header' and blocks[first].level > 1 and first < last and length <= CLOSING
  return found and first or nil
end

local function closings(doc)
  local kept = pandoc.Blocks({})
  local last = #doc.blocks
  while last >= 1 do
    local ends = last == #doc.blocks or (doc.blocks[last + 1].t == 'Header' and doc.blocks[last + 1].level == 1)
    local first = ends and closing(doc.blocks, last)
    if first then
      kept:insert(1, pandoc.Div({ table.unpack(doc.blocks, first, last) }, pandoc.Attr('', { 'closing' })))
      last = first - 1
    else
      kept:insert(1, doc.blocks[last])
      last = last - 1
    end
  end
  doc.blocks = kept
  return doc
end

-- A cell and the source line after it, in one div: in print they move together. Small tables follow a picture that
-- stays where it is, since it would else drift to the foot of the page and cut them. Chapters begin on a new page.
local function paired(blocks)
  local joined = pandoc.Blocks({})
  local i = 1
  while i <= #blocks do
    local cell, line = blocks[i], blocks[i + 1]
    local pair = cell.t == 'Div' and not cell.classes:includes('stays') and cell.classes:includes('quarto-embed-nb-cell')
      and line and line.t == 'Div' and line.classes:includes('fig-source')
    if pair then cell.classes:insert('with-source') end
    if cell.t == 'Header' and cell.level == 1 then joined:insert(pandoc.RawBlock('typst', '#ledger-chapter()')) end
    local after = blocks[i + 2]
    local here = pair and after and after.t == 'Div' and after.classes:includes('compact') and { 'ledger-float', 'here' }
    joined:insert(pair and pandoc.Div({ cell, line }, pandoc.Attr('', here or { 'ledger-float' })) or cell)
    i = i + (pair and 2 or 1)
  end
  return joined
end

-- Words and a picture side by side (the summary): the picture is no float, it stays beside its words.
local function stays(div)
  if not div.classes:includes('beside') then return nil end
  for _, block in ipairs(div.content) do
    if block.t == 'Div' and block.classes:includes('quarto-embed-nb-cell') then
      block.classes:extend({ 'stays', 'with-source' })
    end
  end
  return div
end

local function beside(div)
  local words, picture = pandoc.Blocks({}), pandoc.Blocks({})
  for _, block in ipairs(div.content) do
    local target = block.t == 'Div' and block.classes:includes('words') and words or picture
    target:insert(block)
  end
  local blocks = wrapped('#ledger-beside[', words, '][')
  blocks:extend(picture)
  blocks:insert(pandoc.RawBlock('typst', ']'))
  return blocks
end

-- A long table as entries, one a row: the cells one after another, the last under its heading ("Rows: 12").
local function entries(element)
  local blocks = pandoc.Blocks({ pandoc.RawBlock('typst', '#ledger-entries(') })
  local heads = element.head.rows[1] and element.head.rows[1].cells or {}
  for _, body in ipairs(element.bodies) do
    for _, row in ipairs(body.body) do
      blocks:insert(pandoc.RawBlock('typst', '('))
      for i, cell in ipairs(row.cells) do
        local inlines = pandoc.utils.blocks_to_inlines(cell.contents)
        if i > 1 and i == #row.cells and heads[i] then
          inlines = pandoc.utils.blocks_to_inlines(heads[i].contents) .. { pandoc.Str(':' .. utf8.char(0xA0)) } .. inlines
        end
        blocks:extend(wrapped('[', { pandoc.Plain(inlines) }, '],'))
      end
      blocks:insert(pandoc.RawBlock('typst', '),'))
    end
  end
  blocks:insert(pandoc.RawBlock('typst', ')'))
  return blocks
end

-- Where each number comes from: a div `notes-appendix` of divs with the id of a result, each a short note on it. They
-- are put in the order of the text, under the chapters that print the numbers: headings within are for the page alone.
local function notes(div)
  local before, blocks = pandoc.Blocks({}), pandoc.Blocks({ pandoc.RawBlock('typst', '#ledger-notes(') })
  for _, block in ipairs(div.content) do
    local id = block.t == 'Div' and block.attributes['result']
    if id then
      local text = pandoc.utils.blocks_to_inlines(block.content, { pandoc.Space() })
      blocks:extend(wrapped(('("%s", ['):format(id:gsub('[^%w_.-]', '')), { pandoc.Plain(text) }, ']),'))
    elseif block.t ~= 'Header' then
      before:insert(block)
    end
  end
  blocks:insert(pandoc.RawBlock('typst', ')'))
  return before .. blocks
end

local function box(div)
  if div.classes:includes('notes-appendix') then return notes(div) end
  if div.classes:includes('entries') then return div.content:walk({ Table = entries }) end
  if div.classes:includes('ledger-float') then
    local here = div.classes:includes('here')
    return wrapped(('#ledger-float(breaks: %s, here: %s)['):format(has_table(div), here), div.content, ']')
  end
  if div.classes:includes('beside') then return beside(div) end
  if div.classes:includes('at-a-glance') then return wrapped('#ledger-at-a-glance[', div.content, ']') end
  for _, name in ipairs(BOXES) do
    if div.classes:includes(name) then
      local title = div.attributes['title']
      local options = title and ('(title: [%s])'):format(escaped(title)) or ''
      return wrapped(('#ledger-%s%s['):format(name, options), div.content, ']')
    end
  end
  -- A picture stays on the page of the source line below it; a long table may break.
  if div.classes:includes('quarto-embed-nb-cell') then
    local alone = not div.classes:includes('with-source')
    return wrapped(('#ledger-cell(sticky: %s, alone: %s)['):format(not has_table(div), alone), div.content, ']')
  end
end

-- The place of a result's number is marked for the appendix; a short one is kept on one line.
local function number(span)
  if not span.classes:includes('n') then return nil end
  local short = utf8.len(pandoc.utils.stringify(span)) <= SHORT
  local id = (span.attributes['result'] or ''):gsub('[^%w_.-]', '')
  local inlines = pandoc.Inlines({ pandoc.RawInline('typst', ('#ledger-number("%s")[%s'):format(id, short and '#box[' or '')) })
  inlines:extend(span.content)
  inlines:insert(pandoc.RawInline('typst', short and ']]' or ']'))
  return inlines
end

return { { Div = stays }, { Pandoc = closings }, { Blocks = leads }, { Blocks = paired }, { Div = box, Span = number } }
