-- Stores up to where /sync has been published. Only the holder may: a token of one that was replaced could be older.
-- KEYS: 1 hash (owner, epoch, until, token)
-- ARGV: 1 member, 2 epoch, 3 token
-- Returns 1 when stored, 0 when the right is not ours any more.
local held = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'token', ARGV[3])
return 1
