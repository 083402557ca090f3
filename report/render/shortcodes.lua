-- Shortcodes. Python left a token (private-use characters round a number) where each stood; here the token
-- gives way to what the shortcode makes. The shortcode files are Quarto's own kind and run unchanged: they are
-- offered `quarto.variables.get`, the one function of Quarto that they may use.

local job = require('job')

local OPEN, CLOSE = utf8.char(0xE000), utf8.char(0xE001)
local TOKEN = OPEN .. '(%d+)' .. CLOSE

local current -- number of the shortcode being expanded, for faults

local function variable(name)
  local value = job.given.variables[name]
  if value == nil then
    job.fault({ kind = 'variable', shortcode = current, found = name })
  end
  return value
end

local function load_handlers()
  local handlers = {
    var = function(args)
      return pandoc.Inlines(variable(pandoc.utils.stringify(args[1] or '')) or '')
    end,
  }
  local offered = { variables = { get = variable }, doc = {}, log = { warning = function() end } }
  local environment = setmetatable({ quarto = offered }, { __index = _G })
  for _, path in ipairs(job.given.shortcode_files) do
    local chunk = assert(loadfile(path, 't', environment))
    for name, handler in pairs(chunk() or environment) do
      if type(handler) == 'function' then handlers[name] = handler end
    end
  end
  return handlers
end

local handlers = load_handlers()

local function names()
  local found = { 'include', 'embed' }
  for name in pairs(handlers) do table.insert(found, name) end
  table.sort(found)
  return found
end

local function arguments(use)
  local args = pandoc.List()
  for _, text in ipairs(use.args) do args:insert(pandoc.Inlines({ pandoc.Str(text) })) end
  local kwargs = setmetatable({}, { __index = function() return pandoc.Inlines({}) end })
  for key, text in pairs(use.kwargs) do kwargs[key] = pandoc.Inlines({ pandoc.Str(text) }) end
  return args, kwargs
end

-- What shortcode number `key` makes, as inlines.
local function expand(key)
  local use = job.given.shortcodes[tonumber(key) + 1]
  local handler = handlers[use.name]
  current = tonumber(key)
  if not handler then
    job.fault({ kind = 'shortcode', shortcode = current, found = use.name, choices = names() })
    return pandoc.Inlines({})
  end
  local args, kwargs = arguments(use)
  local made = handler(args, kwargs, job.meta, use.args)
  if pandoc.utils.type(made) == 'Inline' then return pandoc.Inlines({ made }) end
  if pandoc.utils.type(made) == 'Inlines' then return made end
  return pandoc.Inlines(tostring(made or ''))
end

local function expand_to_text(text)
  return (text:gsub(TOKEN, function(key) return pandoc.utils.stringify(expand(key)) end))
end

-- A word with tokens in it, cut into the words and what the shortcodes made.
local function split(text)
  local parts, position = pandoc.Inlines({}), 1
  while true do
    local from, to, key = text:find(TOKEN, position)
    if not from then break end
    if from > position then parts:insert(pandoc.Str(text:sub(position, from - 1))) end
    parts:extend(expand(key))
    position = to + 1
  end
  if position <= #text then parts:insert(pandoc.Str(text:sub(position))) end
  return parts
end

local function has_token(text) return text ~= nil and text:find(OPEN, 1, true) ~= nil end

local function in_attributes(element)
  for key, text in pairs(element.attributes) do
    if has_token(text) then element.attributes[key] = expand_to_text(text) end
  end
end

local function in_text(element)
  if has_token(element.text) then element.text = expand_to_text(element.text) end
  return element
end

local shortcodes = {}

shortcodes.filter = {
  Str = function(element) if has_token(element.text) then return split(element.text) end end,
  Code = in_text,
  CodeBlock = in_text,
  Math = in_text,
  RawInline = in_text,
  RawBlock = in_text,
  Link = function(element)
    if has_token(element.target) then element.target = expand_to_text(element.target) end
    in_attributes(element)
    return element
  end,
  Image = function(element)
    if has_token(element.src) then element.src = expand_to_text(element.src) end
    in_attributes(element)
    return element
  end,
  Span = function(element) in_attributes(element) return element end,
  Div = function(element) in_attributes(element) return element end,
}

-- A caption or a text of a notebook, whose own shortcodes Python has numbered.
function shortcodes.expand_blocks(blocks) return blocks:walk(shortcodes.filter) end
shortcodes.expand_to_text = expand_to_text

return shortcodes
