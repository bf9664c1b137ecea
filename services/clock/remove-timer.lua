-- Removes a timer that has fired, unless it was set anew meanwhile.
-- KEYS: 1 hash of pending timers, 2 sorted set of their due times
-- ARGV: 1 timer id, 2 the record as it was read
-- Returns 1 when it was removed, 0 when something else stands there.
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
