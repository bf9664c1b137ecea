-- Takes the sole right to read /sync if nobody has it, by the clock of Redis.
-- KEYS: 1 hash (owner, epoch, until, token)
-- ARGV: 1 member, 2 lease in ms
-- Returns {1, epoch, token or false} when taken, {0, ms until it is free}.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held = redis.call('HMGET', KEYS[1], 'owner', 'until', 'token')
if held[1] and held[1] ~= ARGV[1] and tonumber(held[2]) > now then
  return {0, tonumber(held[2]) - now}
end
local epoch = redis.call('HINCRBY', KEYS[1], 'epoch', 1)
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'until', now + ARGV[2])
return {1, epoch, held[3]}
