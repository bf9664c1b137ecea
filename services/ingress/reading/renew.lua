-- Prolongs the right to read /sync.
-- KEYS: 1 hash (owner, epoch, until, token)
-- ARGV: 1 member, 2 epoch, 3 lease in ms
-- Returns 1 when prolonged, 0 when it is not ours any more.
local held = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] then return 0 end
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], 'until', time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[3])
return 1
