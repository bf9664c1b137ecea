#!lua flags=allow-oom
-- Gives a lease back; the epoch stays, so that the next owner's is higher.
-- KEYS: 1 lease hash (owner, epoch, until)
-- ARGV: 1 member, 2 epoch
-- Returns 1 when it was given back, 0 when it was not ours.
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], 'owner', 'until')
return 1
