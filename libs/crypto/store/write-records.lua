#!lua flags=allow-oom
-- Writes records of a crypto device, all or none. Out of memory too: what was read must be answered before it can be
-- trimmed, and answers are encrypted.
-- KEYS: 1 hash of records, 2 lease hash (owner, epoch, until)
-- ARGV: 1 member, 2 epoch, 3 the revision that the writer knows, 4 '1' to replace everything, 5 number of JSON lists of
--       fields and values to set, then these lists, then JSON lists of fields to delete; each of at most 2,000 items
-- Returns {1, new revision} when written; {0} when the device is not ours; {2, revision} when Redis does not hold what
-- was written last (it came back from an older copy): then everything must be replaced.
local held = redis.call('HMGET', KEYS[2], 'owner', 'epoch', 'until')
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] then return {0} end
local time = redis.call('TIME')
if tonumber(held[3]) <= time[1] * 1000 + math.floor(time[2] / 1000) then return {0} end
local revision = redis.call('HGET', KEYS[1], 'revision') or '0'
if ARGV[4] == '1' then
  redis.call('DEL', KEYS[1])
elseif revision ~= ARGV[3] then
  return {2, tonumber(revision)}
end
local last = 5 + tonumber(ARGV[5])
for i = 6, last do redis.call('HSET', KEYS[1], unpack(cjson.decode(ARGV[i]))) end
for i = last + 1, #ARGV do redis.call('HDEL', KEYS[1], unpack(cjson.decode(ARGV[i]))) end
local new = math.max(tonumber(revision), tonumber(ARGV[3])) + 1
redis.call('HSET', KEYS[1], 'revision', new)
return {1, new}
