-- The renderer's one filter: the steps that Quarto takes between reading Markdown and writing a format.

local here = pandoc.path.directory(PANDOC_SCRIPT_FILE)
package.path = pandoc.path.join({ here, '?.lua' }) .. ';' .. package.path

local job = require('job')
local shortcodes = require('shortcodes')
local embed = require('embed')
local subset = require('subset')
local floats = require('floats')
local references = require('references')

-- Links within the report must lead somewhere; Typst would refuse, a browser would say nothing.
local function check_links(doc)
  local ids, targets = {}, {}
  local function note(element) if element.identifier ~= '' then ids[element.identifier] = true end end
  doc:walk({ Header = note, Div = note, Span = note, Table = note, Figure = note, Image = note, Code = note, CodeBlock = note,
    Link = function(link)
      note(link)
      if link.target:match('^#.') and not link.classes:includes('quarto-xref') then targets[link.target:sub(2)] = true end
    end })
  for target in pairs(targets) do
    if not (ids[target] or floats.numbers[target]) then job.fault({ kind = 'link', text = '#' .. target, found = '#' .. target }) end
  end
end

function Pandoc(doc)
  job.meta = doc.meta
  for _, filter in ipairs({ shortcodes.filter, subset[1], subset[2], embed, subset[2], floats.filter, references }) do
    doc = doc:walk(filter)
  end
  check_links(doc)
  job.write_facts()
  return doc
end
