#!lua flags=allow-oom
-- Counts a new attempt at an entry that somebody may have begun before.
-- KEYS: 1 lease hash, 2 stream, 3 fact ledger key
-- ARGV: 1 member, 2 epoch, 3 group, 4 entry id
-- Returns {0} when fenced, {1, attempts} to go on, {2} when the fact is finished: acknowledged here and now,
-- {3} when the entry is not pending any more.
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then return {0} end
local stream, group, id = KEYS[2], ARGV[3], ARGV[4]
local pending = redis.call('XPENDING', stream, group, id, id, 1)[1]
if not pending then return {3} end
local fact = redis.call('GET', KEYS[3])
if fact and (string.sub(fact, 1, 4) == 'done' or string.sub(fact, 1, 4) == 'dead') then
  redis.call('XACK', stream, group, id)
  return {2}
end
redis.call('XCLAIM', stream, group, ARGV[1], 0, id, 'RETRYCOUNT', pending[4] + 1, 'JUSTID')
return {1, pending[4] + 1}
