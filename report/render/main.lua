-- The renderer's one filter: the steps that Quarto takes between reading Markdown and writing a format.

local here = pandoc.path.directory(PANDOC_SCRIPT_FILE)
package.path = pandoc.path.join({ here, '?.lua' }) .. ';' .. package.path

local job = require('job')
local shortcodes = require('shortcodes')
local embed = require('embed')
local subset = require('subset')
local floats = require('floats')
local references = require('references')

function Pandoc(doc)
  job.meta = doc.meta
  for _, filter in ipairs({ shortcodes.filter, subset[1], subset[2], embed, subset[2], floats.filter, references }) do
    doc = doc:walk(filter)
  end
  job.write_facts()
  return doc
end
