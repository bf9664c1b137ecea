#!lua flags=allow-oom
-- Remembers that access was revoked. A full Redis is no reason to let somebody in.
-- KEYS: 1 hash of what is revoked
-- ARGV: 1 field, 2 record as JSON, 3 new revision, 4 now in ms, 5 how many may be remembered
-- Returns 1, or 0 when there are too many that still count.
-- A record never ends sooner, nor takes back less, than the one it replaces. What has ended is removed once there are many.
local record = cjson.decode(ARGV[2])
local now = tonumber(ARGV[4])
if redis.call('HLEN', KEYS[1]) > 256 then
  local all = redis.call('HGETALL', KEYS[1])
  for i = 1, #all, 2 do
    local isRecord, kept = pcall(cjson.decode, all[i + 1])
    if all[i] ~= 'revision' and isRecord and type(kept) == 'table' and type(kept['until']) == 'number'
      and kept['until'] <= now then
      redis.call('HDEL', KEYS[1], all[i])
    end
  end
end
local before = redis.call('HGET', KEYS[1], ARGV[1])
if not before and redis.call('HLEN', KEYS[1]) > tonumber(ARGV[5]) then return 0 end
local value = ARGV[2]
local isRecord, kept = pcall(cjson.decode, before or 'null')
local function greatest(name)
  if not isRecord or type(kept) ~= 'table' or type(kept[name]) ~= 'number' or kept[name] <= record[name] then
    return record[name]
  end
  local field = '"' .. name .. '":'
  value = string.gsub(value, field .. '%d+', field .. string.format('%.0f', kept[name]), 1)
  return kept[name]
end
greatest('at')
local ends = greatest('until')
redis.call('HSET', KEYS[1], ARGV[1], value, 'revision', ARGV[3])
local left = redis.call('PTTL', KEYS[1])
if left < 0 or now + left < ends then redis.call('PEXPIRE', KEYS[1], string.format('%.0f', ends - now)) end
return 1
