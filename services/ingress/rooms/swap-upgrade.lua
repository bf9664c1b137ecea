-- Replaces what is noted of an upgrade, unless something else has been noted meanwhile.
-- KEYS: 1 hash of upgrades by room
-- ARGV: 1 room, 2 what was read of it, 3 what takes its place; '' for nothing
-- Returns 1 when it was replaced, 0 when something else stands there, or nothing.
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
return 1
