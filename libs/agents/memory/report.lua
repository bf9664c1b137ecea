-- Counts a person among those of an organisation who reported a topic, and gives the alert once for each window.
-- KEYS: 1 sorted set of people by the time of their report, 2 the alert that was given, 3 set of topics
-- ARGV: 1 person (a digest), 2 topic, 3 turn (a digest), 4 people for an alert, 5 window in ms
-- Returns the number of people when this turn is the one that gives the alert, also when the turn runs again; else 0.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local window = tonumber(ARGV[5])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
redis.call('PEXPIRE', KEYS[1], window)
redis.call('SADD', KEYS[3], ARGV[2])
redis.call('PEXPIRE', KEYS[3], window)
local given = redis.call('GET', KEYS[2])
if given then
  local count, turn = string.match(given, '^(%d+) (.*)$')
  return turn == ARGV[3] and tonumber(count) or 0
end
local people = redis.call('ZCARD', KEYS[1])
if people < tonumber(ARGV[4]) then return 0 end
redis.call('SET', KEYS[2], people .. ' ' .. ARGV[3], 'PX', window)
return people
