-- Takes a token out of a bucket that holds as many as may be used in a window and fills evenly, by Redis' clock.
-- KEYS: 1 hash (tokens, at: when they were counted, told: when it was last said that there are none; in ms)
-- ARGV: 1 tokens in a window, 2 the window in ms
-- Returns {1, 0, 0} when there was one, else {0, 1 once in a window and else 0, ms until there is one}.
local most, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local kept = redis.pcall('HMGET', KEYS[1], 'tokens', 'at', 'told')
-- A key of another type was written by hand: a limit that fails would stop the messages behind it.
if kept.err then
  redis.call('DEL', KEYS[1])
  kept = {}
end
local tokens, at = tonumber(kept[1] or '') or most, tonumber(kept[2] or '') or now
-- The clock of a new master may be behind.
tokens = math.min(most, tokens + math.max(0, now - at) * most / window)
if tokens >= 1 then
  redis.call('HSET', KEYS[1], 'tokens', tostring(tokens - 1), 'at', now)
  redis.call('PEXPIRE', KEYS[1], 2 * window)
  return {1, 0, 0}
end
local told = tonumber(kept[3] or '') or 0
local isTold = now - told < window and now >= told
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', now, 'told', isTold and told or now)
redis.call('PEXPIRE', KEYS[1], 2 * window)
return {0, isTold and 0 or 1, math.ceil((1 - tokens) * window / most)}
