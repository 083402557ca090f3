-- Figures, tables, equations and sections: found in document order, numbered, and put into the element
-- structure that Quarto gives them.

local job = require('job')

local floats = { numbers = {} } -- label -> what a reference prints: { word, number }

local WORDS = { fig = 'Figure', tbl = 'Table', eq = 'Equation', sec = 'Section' }
local counts = { fig = 0, tbl = 0, eq = 0 }
local depth = {} -- numbers of the open sections

function floats.kind_of(label)
  local kind = label:match('^(%a+)%-.')
  return WORDS[kind] and kind or nil
end

local function add(label, kind, number)
  table.insert(job.facts.labels, label)
  floats.numbers[label] = { word = WORDS[kind], number = number }
end

local function next_number(label, kind)
  counts[kind] = counts[kind] + 1
  add(label, kind, tostring(counts[kind]))
  return tostring(counts[kind])
end

local function section(header)
  local numbered = not header.classes:includes('unnumbered')
  if numbered then
    depth[header.level] = (depth[header.level] or 0) + 1
    for level = header.level + 1, 9 do depth[level] = nil end
  end
  if header.identifier:match('^sec%-') then
    local parts = {}
    for level = 1, header.level do parts[level] = tostring(depth[level] or 0) end
    add(header.identifier, 'sec', numbered and table.concat(parts, '.') or false)
  end
end

local function html_float(float, number)
  local caption_id = float.label .. '-caption'
  local place = float.kind == 'fig' and 'bottom' or 'top'
  local class = 'quarto-float-' .. float.kind
  local caption = {
    pandoc.RawBlock('html', ('<figcaption class="quarto-float-caption-%s quarto-float-caption %s" id="%s">')
      :format(place, class, caption_id)),
    pandoc.Plain(pandoc.Inlines({ pandoc.Str(WORDS[float.kind] .. utf8.char(0xA0) .. number .. ': ') }) .. float.caption),
    pandoc.RawBlock('html', '</figcaption>'),
  }
  local content = pandoc.Div(float.content, pandoc.Attr('', {}, { ['aria-describedby'] = caption_id }))
  local blocks = pandoc.Blocks({ pandoc.RawBlock('html', ('<figure class="quarto-float %s">'):format(class)) })
  if place == 'top' then blocks:extend(caption) end
  blocks:insert(content)
  if place == 'bottom' then blocks:extend(caption) end
  blocks:insert(pandoc.RawBlock('html', '</figure>'))
  local classes = pandoc.List(float.classes) .. { 'quarto-float', 'quarto-figure', 'quarto-figure-center' }
  return pandoc.Div(blocks, pandoc.Attr(float.label, classes))
end

local function typst_float(float)
  local place = float.kind == 'fig' and 'bottom' or 'top'
  local blocks = pandoc.Blocks({ pandoc.RawBlock('typst', '#figure([') })
  blocks:extend(float.content)
  blocks:insert(pandoc.RawBlock('typst', ('], caption: figure.caption(position: %s, ['):format(place)))
  blocks:insert(pandoc.Plain(float.caption))
  blocks:insert(pandoc.RawBlock('typst', (']), kind: "quarto-float-%s", supplement: "%s")\n<%s>')
    :format(float.kind, WORDS[float.kind], float.label)))
  return blocks
end

local function alternative(image, label)
  local alt = image.attributes['fig-alt'] or image.attributes['alt'] or ''
  if alt == '' then job.fault({ kind = 'alt', text = label ~= '' and '#' .. label or image.src, found = image.src }) end
  return alt
end

-- A picture with its alternative text where each format looks for it, and its address as Python wants it.
local function told(image, label)
  local alt = alternative(image, label)
  image.attributes['fig-alt'] = nil
  image.attributes['alt'] = alt
  if job.is_html() then
    image.attributes['role'] = 'img'
    image.attributes['aria-label'] = alt
  end
  image.caption = {}
  if image.src:match('^%a[%w+.-]*:') then
    job.fault({ kind = 'remote', text = image.src, found = image.src })
  else
    table.insert(job.facts.images, image.src)
    if not job.is_html() then image.src = job.given.image_root .. image.src end
  end
  return image
end

local function render(float)
  if #float.caption == 0 then
    job.fault({ kind = 'caption', text = '#' .. float.label, found = float.label })
  end
  local number = next_number(float.label, float.kind)
  float.content = pandoc.Blocks(float.content):walk({
    Image = function(image) return told(image, float.label) end,
    Table = function(element)
      element.classes:insert('caption-top')
      return element
    end,
  })
  return job.is_html() and html_float(float, number) or typst_float(float)
end

local function from_figure(figure)
  if figure.identifier:match('^fig%-.') then
    return render({ label = figure.identifier, kind = 'fig', content = figure.content, classes = {},
      caption = pandoc.utils.blocks_to_inlines(figure.caption.long) })
  end
  local source = '?'
  figure:walk({ Image = function(image) source = image.src end })
  job.fault({ kind = 'unlabelled', text = source, found = source })
end

local function from_table(element)
  local label = element.identifier
  if not label:match('^tbl%-.') then return nil end
  local caption = pandoc.utils.blocks_to_inlines(element.caption.long)
  element.identifier = ''
  element.caption = { long = {} }
  return render({ label = label, kind = 'tbl', content = { element }, caption = caption, classes = {} })
end

-- A div with the label of a figure or table holds its content and, last, its caption.
local function from_div(div)
  local kind = div.identifier:match('^(fig)%-.') or div.identifier:match('^(tbl)%-.')
  if not kind then return nil end
  local content = div.content:clone()
  local caption = pandoc.Inlines({})
  if #content > 0 and (content[#content].t == 'Para' or content[#content].t == 'Plain') and #content > 1 then
    caption = content:remove().content
  end
  return render({ label = div.identifier, kind = kind, content = content, caption = caption, classes = div.classes })
end

-- The attributes written after a display equation, `{#eq-rate alt="..."}`, from the words that follow it.
local function equation_attributes(inlines, start)
  local text, position = '', start
  local plain = { Str = function(e) return e.text end, Space = function() return ' ' end, SoftBreak = function() return ' ' end }
  local function flat(list)
    local out = ''
    for _, e in ipairs(list) do
      if e.t == 'Quoted' then out = out .. '"' .. flat(e.content) .. '"'
      else out = out .. (plain[e.t] and plain[e.t](e) or pandoc.utils.stringify(e)) end
    end
    return out
  end
  while position <= #inlines do
    text = text .. flat({ inlines[position] })
    position = position + 1
    if text:match('}%s*$') then break end
  end
  local block = pandoc.read('[]' .. text:match('^%s*(.*)$'), 'markdown').blocks[1]
  local span = block and block.content[1]
  return span and span.t == 'Span' and span.attr or nil, position
end

local function typst_equation(math, label, alt)
  local body = pandoc.write(pandoc.Pandoc({ pandoc.Plain({ math }) }), 'typst'):gsub('%s+$', '')
  local text = '"' .. alt:gsub('\\', '\\\\'):gsub('"', '\\"') .. '"'
  return pandoc.RawInline('typst', ('#math.equation(block: true, numbering: "(1)", alt: %s, %s.body)<%s>')
    :format(text, body, label))
end

local function equation(math, attributes)
  local label, alt = attributes.identifier, attributes.attributes['alt'] or ''
  if alt == '' then job.fault({ kind = 'alt', text = '#' .. label, found = label }) end
  local number = next_number(label, 'eq')
  if not job.is_html() then return typst_equation(math, label, alt) end
  math.text = math.text .. ('\\qquad(%s)'):format(number)
  return pandoc.Span({ math }, pandoc.Attr(label))
end

local function equations(inlines)
  local out, position, changed = pandoc.Inlines({}), 1, false
  while position <= #inlines do
    local element, after = inlines[position], inlines[position + 1]
    if after and after.t == 'Space' then after = inlines[position + 2] end
    local labelled = element.t == 'Math' and element.mathtype == 'DisplayMath' and after
      and after.t == 'Str' and after.text:match('^{#eq%-')
    if labelled then
      local attributes, following = equation_attributes(inlines, position + 1)
      out:insert(attributes and equation(element, attributes) or element)
      position, changed = following, true
    else
      out:insert(element)
      position = position + 1
    end
  end
  return changed and out or nil
end

floats.filter = {
  traverse = 'topdown',
  Header = section,
  Figure = function(e) local made = from_figure(e) if made then return made, false end end,
  Table = function(e) local made = from_table(e) if made then return made, false end end,
  Div = function(e) local made = from_div(e) if made then return made, false end end,
  Image = function(e) return told(e, ''), false end,
  Inlines = equations,
}

return floats
