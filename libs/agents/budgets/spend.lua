-- Counts what a turn used for one spender, once for each turn. Another day begins with nothing spent or raised.
-- KEYS: 1 hash day, tokens, cost, steps, raised:<what>; 2 sorted set of what was counted, by time
-- ARGV: 1 turn (a digest), 2 tokens, 3 cost in millionths, 4 steps, 5 lifetime in ms
-- Returns 1 when it was counted, 0 when the turn had been counted before.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local day = string.format('%d', math.floor(time[1] / 86400))
if redis.call('ZSCORE', KEYS[2], ARGV[1]) then return 0 end
if redis.call('HGET', KEYS[1], 'day') ~= day then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'day', day)
end
redis.call('HINCRBY', KEYS[1], 'tokens', ARGV[2])
redis.call('HINCRBY', KEYS[1], 'cost', ARGV[3])
redis.call('HINCRBY', KEYS[1], 'steps', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('ZADD', KEYS[2], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[5])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
return 1
