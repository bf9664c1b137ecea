-- Raises one limit of a spender for today, once for each key.
-- KEYS: 1 hash day, tokens, cost, steps, raised:<what>; 2 sorted set of what was counted, by time
-- ARGV: 1 key (a digest), 2 what: tokens, cost or steps, 3 lifetime in ms
-- Returns how often this limit has been raised today.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local day = string.format('%d', math.floor(time[1] / 86400))
if redis.call('HGET', KEYS[1], 'day') ~= day then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'day', day)
end
if redis.call('ZADD', KEYS[2], 'NX', now, ARGV[1]) == 1 then
  redis.call('HINCRBY', KEYS[1], 'raised:' .. ARGV[2], 1)
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return tonumber(redis.call('HGET', KEYS[1], 'raised:' .. ARGV[2]) or 0)
