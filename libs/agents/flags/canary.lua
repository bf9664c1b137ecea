-- Counts an outcome of a canary, once for each key, among the latest ones, and rolls it back when a rate passes its limit.
-- KEYS: 1 hash outcome -> count, and `seq`; 2 sorted set of keys by their order; 3 hash key -> outcome; 4 the rollback
-- ARGV: 1 key (a digest), 2 outcome, 3 least samples, 4 most samples, 5 lifetime of the counts in ms,
--       6.. pairs of an outcome and its highest rate
-- Returns {outcome, count, samples} when this key is the one that rolled it back, else an empty list.
local given = redis.call('GET', KEYS[4])
if given then
  local outcome, count, samples, key = string.match(given, '^(%S+) (%d+) (%d+) (.*)$')
  if key ~= ARGV[1] then return {} end
  return { outcome, count, samples }
end
if redis.call('HSETNX', KEYS[3], ARGV[1], ARGV[2]) == 0 then return {} end
redis.call('ZADD', KEYS[2], redis.call('HINCRBY', KEYS[1], 'seq', 1), ARGV[1])
redis.call('HINCRBY', KEYS[1], ARGV[2], 1)
while redis.call('ZCARD', KEYS[2]) > tonumber(ARGV[4]) do
  local oldest = redis.call('ZPOPMIN', KEYS[2])[1]
  redis.call('HINCRBY', KEYS[1], redis.call('HGET', KEYS[3], oldest), -1)
  redis.call('HDEL', KEYS[3], oldest)
end
for place = 1, 3 do redis.call('PEXPIRE', KEYS[place], ARGV[5]) end
local samples = redis.call('ZCARD', KEYS[2])
if samples < tonumber(ARGV[3]) then return {} end
for place = 6, #ARGV, 2 do
  local count = tonumber(redis.call('HGET', KEYS[1], ARGV[place]) or 0)
  if count / samples > tonumber(ARGV[place + 1]) then
    -- Without an end: it is the definition's, and another definition has other keys.
    redis.call('SET', KEYS[4], ARGV[place] .. ' ' .. count .. ' ' .. samples .. ' ' .. ARGV[1])
    return { ARGV[place], tostring(count), tostring(samples) }
  end
end
return {}
