#!lua flags=allow-oom
-- Says that a member lives, forgets those that were silent too long, and lists the rest.
-- KEYS: 1 sorted set of members by last heartbeat (Redis time, ms)
-- ARGV: 1 member, 2 time to live in ms
-- Returns the live members.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
return redis.call('ZRANGE', KEYS[1], 0, -1)
