-- What Python asks of one Pandoc run (the job, as JSON) and what the filter found out (the facts, as JSON).

local job = {}

local path = os.getenv('IAPT_LEDGER_RENDER_JOB')
if not path then error('IAPT_LEDGER_RENDER_JOB is not set: this filter is run by `python -m render`') end

local file = assert(io.open(path, 'r'))
job.given = pandoc.json.decode(file:read('a'), false)
file:close()

job.facts = { faults = {}, labels = {}, citations = {}, images = {} }

-- A fault; `at` is what Python looks for to name file and line: a shortcode's number or a text.
function job.fault(fault)
  table.insert(job.facts.faults, fault)
end

function job.write_facts()
  local out = assert(io.open(job.given.facts, 'w'))
  out:write(pandoc.json.encode(job.facts))
  out:close()
end

function job.is_html() return FORMAT:match('html') ~= nil end

return job
