-- Gives the right to read /sync back; epoch and token stay.
-- KEYS: 1 hash (owner, epoch, until, token)
-- ARGV: 1 member, 2 epoch
-- Returns 1 when given back, 0 when it was not ours.
local held = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], 'owner', 'until')
return 1
