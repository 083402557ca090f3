-- What lies outside the subset is refused; what is meant for another format is left out.

local job = require('job')

local FORMATS = { html = true, typst = true }

-- Classes and attributes to which Quarto gives a meaning that this renderer does not.
local CLASSES = {
  '^callout', '^panel%-', '^column', '^layout', '^grid$', '^g%-col', '^g%-start', '^aside$', '^margin%-',
  '^incremental$', '^fragment$', '^content%-hidden$', '^cell%-code$', '^cell%-output%-error$', '^hidden$',
  '^landscape$', '^theorem$', '^listing$', '^code%-annotation', '^lightbox$', '^shaded$',
}
local ATTRIBUTES = {
  'layout', 'layout-ncol', 'layout-nrow', 'layout-align', 'when-meta', 'unless-meta', 'unless-format',
  'when-profile', 'unless-profile', 'fig-pos', 'fig-env', 'tbl-colwidths', 'code-fold', 'filename',
}

local function refuse(what, text, found)
  job.fault({ kind = 'outside', what = what, text = text, found = found })
end

local function check(element)
  for _, class in ipairs(element.classes) do
    for _, pattern in ipairs(CLASSES) do
      if class:match(pattern) then refuse('A class with a meaning of Quarto', class, '.' .. class) end
    end
  end
  for _, name in ipairs(ATTRIBUTES) do
    if element.attributes[name] then refuse('An attribute with a meaning of Quarto', name, name) end
  end
end

local function raw(element)
  if element.format:match('html') and element.text:match('^%s*<!%-%-') then return {} end
  refuse('Raw ' .. element.format, element.text:match('[^\n]*'), element.text:match('[^\n]*'))
  return {}
end

local function visible(element)
  local format = element.attributes['when-format']
  if not FORMATS[format] then
    job.fault({ kind = 'format', text = 'content-visible', found = format or 'nothing', choices = { 'html', 'typst' } })
    return {}
  end
  local wanted = (format == 'html') == job.is_html()
  return wanted and element.content or {}
end

local function checked(element) check(element) end

return {
  { Header = checked, Span = checked, Image = checked, Link = checked, Code = checked, CodeBlock = checked, Table = checked,
    RawBlock = raw, RawInline = raw, Div = checked },
  { Div = function(element)
      if element.classes:includes('content-visible') then return visible(element) end
    end,
    Span = function(element)
      if element.classes:includes('content-visible') then return visible(element) end
    end },
}
