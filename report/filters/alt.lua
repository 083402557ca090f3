-- Alternative texts in the PDF. Pandoc's Typst writer drops them, and PDF/UA-1 demands them of every picture and
-- equation. Where Quarto has already written an equation with its text, it is left alone.

local function quoted(text)
  return '"' .. text:gsub('\\', '\\\\'):gsub('"', '\\"'):gsub('%s+', ' ') .. '"'
end

local LENGTH = '^[%d.]+(%a*%%?)$'
local UNITS = { ['%'] = true, pt = true, mm = true, cm = true, ['in'] = true, em = true }

local function size(image, name)
  local text = image.attributes[name]
  local unit = text and text:match(LENGTH)
  return unit and UNITS[unit] and (', %s: %s'):format(name, text) or ''
end

local function picture(image)
  local alt = image.attributes['alt'] or image.attributes['fig-alt'] or pandoc.utils.stringify(image.caption)
  if alt == '' then return nil end
  return pandoc.RawInline('typst', ('#box(image(%s, alt: %s%s%s))')
    :format(quoted(image.src), quoted(alt), size(image, 'width'), size(image, 'height')))
end

local function written_already(before)
  return before and before.t == 'RawInline' and before.format == 'typst' and before.text:find('math.equation', 1, true)
end

-- An equation is told by its own TeX unless its span says it in words: [$n$]{alt="the number"}.
local function equation(math, alt)
  local body = pandoc.write(pandoc.Pandoc({ pandoc.Plain({ math }) }), 'typst'):gsub('%s+$', '')
  local block = math.mathtype == 'DisplayMath' and 'true' or 'false'
  return pandoc.RawInline('typst', ('#math.equation(block: %s, alt: %s, %s.body)'):format(block, quoted(alt or math.text), body))
end

local function equations(inlines)
  for i, element in ipairs(inlines) do
    if element.t == 'Math' and not written_already(inlines[i - 1]) then
      inlines[i] = equation(element)
    elseif element.t == 'Span' and element.attributes['alt'] and #element.content == 1 and element.content[1].t == 'Math' then
      inlines[i] = equation(element.content[1], element.attributes['alt'])
    end
  end
  return inlines
end

if not FORMAT:match('typst') then return {} end

return { { traverse = 'topdown', Inlines = equations, Image = picture } }
