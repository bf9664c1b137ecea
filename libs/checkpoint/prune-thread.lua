-- Drops the old checkpoints of a thread, with their writes and with the values that nothing kept refers to.
-- Kept are, in every lasting namespace, the newest ones, those whose interrupt waits for an answer, and the ancestors
-- whose writes a kept one is rebuilt from. The checkpoints of one run of a subgraph (namespace with a task id) go
-- with the checkpoint of the root graph in which they were made.
-- KEYS[1] data hash of the thread
-- KEYS[2] index of the thread
-- ARGV[1] how many of the newest checkpoints are kept in each namespace
-- Returns the number of checkpoints dropped.
local data, index, keep = KEYS[1], KEYS[2], tonumber(ARGV[1])

local headers, lasting, passing = {}, {}, {}
for _, field in ipairs(redis.call('ZREVRANGEBYLEX', index, '(c;', '[c:')) do
  local record = redis.call('HGET', data, field)
  local ns, id = string.match(field, '^c:([^:]*):(.*)$')
  if record then
    headers[field] = cjson.decode(string.sub(record, 1, string.find(record, '\n', 1, true)))
  else
    headers[field] = {}
  end
  local group = string.find(ns, '%3A', 1, true) and passing or lasting
  group[ns] = group[ns] or {}
  table.insert(group[ns], { field = field, id = id })
end

local writes, interrupted = {}, {}
for _, field in ipairs(redis.call('ZRANGEBYLEX', index, '[w:', '(w;')) do
  local ns, id = string.match(field, '^w:([^:]*):([^:]*):')
  local owner = 'c:' .. ns .. ':' .. id
  writes[owner] = writes[owner] or {}
  table.insert(writes[owner], field)
  local value = redis.call('HGET', data, field) or ''
  if string.sub(value, 1, 16) == '["__interrupt__"' then
    interrupted[owner] = true
  end
end

local answered = {}
for field, header in pairs(headers) do
  if header.a and header.p then
    answered[string.match(field, '^c:[^:]*:') .. header.p] = true
  end
end

local kept = {}
local function keep_with_ancestors(field)
  while headers[field] and not kept[field] do
    kept[field] = true
    local header = headers[field]
    if not ((header.n or header.s) and header.p) then
      return
    end
    field = string.match(field, '^c:[^:]*:') .. header.p
  end
end

for _, checkpoints in pairs(lasting) do
  for place, checkpoint in ipairs(checkpoints) do
    local waits = interrupted[checkpoint.field] and not answered[checkpoint.field]
    if place <= keep or waits then
      keep_with_ancestors(checkpoint.field)
    end
  end
end
local newest_root = lasting[''] and lasting[''][1].id
for _, checkpoints in pairs(passing) do
  for _, checkpoint in ipairs(checkpoints) do
    local root = headers[checkpoint.field].o
    if not root or not newest_root or root > newest_root or kept['c::' .. root] then
      keep_with_ancestors(checkpoint.field)
    end
  end
end

local function each_value(field, visit)
  local ns = string.match(field, '^c:([^:]*):')
  for _, reference in ipairs(headers[field].r or {}) do
    local blob = reference[2]
    while blob ~= '-' do
      local name = 'v:' .. ns .. ':' .. reference[1] .. ':' .. blob
      if not visit(name) then
        break
      end
      blob = string.match(redis.call('HGET', data, name) or '', '^(%S+) ') or '-'
    end
  end
end

local used = {}
for field in pairs(kept) do
  each_value(field, function(name)
    local is_new = not used[name]
    used[name] = true
    return is_new
  end)
end

local unused, dropped = {}, 0
for field in pairs(headers) do
  if not kept[field] then
    dropped = dropped + 1
    each_value(field, function(name)
      local is_new = not used[name] and not unused[name]
      unused[name] = true
      return is_new
    end)
    for _, write in ipairs(writes[field] or {}) do
      redis.call('HDEL', data, write)
      redis.call('ZREM', index, write)
    end
    redis.call('HDEL', data, field)
    redis.call('ZREM', index, field)
  end
end
for name in pairs(unused) do
  if not used[name] then
    redis.call('HDEL', data, name)
  end
end
return dropped
