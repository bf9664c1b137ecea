-- Reads one checkpoint of a thread with everything that belongs to it, or only what the caller lacks.
-- KEYS[1] data hash of the thread
-- KEYS[2] index of the thread
-- ARGV[1] namespace, encoded
-- ARGV[2] checkpoint id, encoded; empty for the newest of the namespace
-- ARGV[3] SHA-1 of the record that the caller has cached; empty for none
-- ARGV[4] lifetime in ms to be restored when less than half of it is left; 0 for no expiry
-- ARGV[5] "1" to count the checkpoints of the namespace
-- ARGV[6..] pairs of channel (encoded) and blob whose value the caller has: the walk down a list stops there
-- Returns nil where there is no such checkpoint, else
--   { field, record or "" when it is the cached one, writes {field, value, ...},
--     values {{channel, blob, value, blob, value, ...}, ...} newest tail first, the parent's writes, count }
--   A blob that is referred to but missing comes as an empty value.
local data, index = KEYS[1], KEYS[2]
local ns, id = ARGV[1], ARGV[2]

local function pending_writes(checkpoint_id)
  local prefix = 'w:' .. ns .. ':' .. checkpoint_id
  local flat = {}
  for _, field in ipairs(redis.call('ZRANGEBYLEX', index, '[' .. prefix .. ':', '(' .. prefix .. ';')) do
    flat[#flat + 1] = field
    flat[#flat + 1] = redis.call('HGET', data, field) or ''
  end
  return flat
end

local field
if id == '' then
  local prefix = 'c:' .. ns
  field = redis.call('ZREVRANGEBYLEX', index, '(' .. prefix .. ';', '[' .. prefix .. ':', 'LIMIT', 0, 1)[1]
else
  field = 'c:' .. ns .. ':' .. id
end
local record = field and redis.call('HGET', data, field)
if not record then
  return false
end

local lifetime = tonumber(ARGV[4])
if lifetime > 0 then
  local left = redis.call('PTTL', data)
  if left >= 0 and left < lifetime / 2 then
    redis.call('PEXPIRE', data, lifetime)
    redis.call('PEXPIRE', index, lifetime)
  end
end

local header = cjson.decode(string.sub(record, 1, string.find(record, '\n', 1, true)))
local known = {}
for i = 6, #ARGV, 2 do
  known[ARGV[i]] = ARGV[i + 1]
end

local values = {}
local is_cached = redis.sha1hex(record) == ARGV[3]
if not is_cached then
  for _, reference in ipairs(header.r or {}) do
    local channel, blob = reference[1], reference[2]
    local chain = { channel }
    while blob ~= '-' and known[channel] ~= blob do
      local value = redis.call('HGET', data, 'v:' .. ns .. ':' .. channel .. ':' .. blob) or ''
      chain[#chain + 1] = blob
      chain[#chain + 1] = value
      blob = string.match(value, '^(%S+) ') or '-'
    end
    values[#values + 1] = chain
  end
end

local count = 0
if ARGV[5] == '1' then
  count = redis.call('ZLEXCOUNT', index, '[c:' .. ns .. ':', '(c:' .. ns .. ';')
end
local own_id = string.sub(field, #ns + 4)
local parent_writes = header.s and header.p and pending_writes(header.p) or {}
return { field, is_cached and '' or record, pending_writes(own_id), values, parent_writes, count }
