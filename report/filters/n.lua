-- {{< n id >}} prints a result's value, {{< n id range >}} its interval, in a span that carries the result's id.
-- The texts come from _variables.yml: `id` and `id_range`.
return {
  ['n'] = function(args)
    local id = pandoc.utils.stringify(args[1] or '')
    local what = args[2] and pandoc.utils.stringify(args[2]) or ''
    if what ~= '' and what ~= 'range' then error('{{< n ' .. id .. ' ' .. what .. ' >}}: after the id only "range" can stand') end
    local key = what == 'range' and id .. '_range' or id
    local text = quarto.variables.get(key)
    if text ~= nil then text = pandoc.utils.stringify(text) end
    return pandoc.Span(pandoc.Inlines(text or ('?n:' .. key)), pandoc.Attr('', { 'n' }, { result = id }))
  end,
}
