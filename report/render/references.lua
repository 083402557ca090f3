-- References to figures, tables, equations and sections; other citations are left to citeproc.

local job = require('job')
local floats = require('floats')

local function resolved(citation)
  local target = floats.numbers[citation.id]
  if not target then
    job.fault({ kind = 'reference', text = '@' .. citation.id, found = '@' .. citation.id })
    return pandoc.Str('?@' .. citation.id)
  end
  if target.number == false then
    job.fault({ kind = 'unnumbered', text = '@' .. citation.id, found = '@' .. citation.id })
    return pandoc.Str('?@' .. citation.id)
  end
  if job.is_html() then
    return pandoc.Link(target.word .. utf8.char(0xA0) .. target.number, '#' .. citation.id, '',
      pandoc.Attr('', { 'quarto-xref' }))
  end
  return pandoc.RawInline('typst', ('#ref(<%s>, supplement: [%s])'):format(citation.id, target.word))
end

return {
  Cite = function(cite)
    local references = cite.citations:filter(function(c) return floats.kind_of(c.id) ~= nil end)
    if #references == 0 then
      for _, citation in ipairs(cite.citations) do table.insert(job.facts.citations, citation.id) end
      return nil
    end
    local first = cite.citations[1]
    local plain = #cite.citations == 1 and first.mode == 'AuthorInText' and #first.suffix == 0
    if not plain then
      job.fault({ kind = 'outside', what = 'A reference in brackets', text = '@' .. first.id, found = '[@' .. first.id .. ']' })
    end
    return resolved(references[1])
  end,
}
