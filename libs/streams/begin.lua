#!lua flags=allow-oom
-- Counts a new attempt at an entry that somebody may have begun before.
-- KEYS: 1 lease hash, 2 stream, 3 fact ledger key, 4 hash of accepted entries
-- ARGV: 1 member, 2 epoch, 3 group, 4 entry id
-- Returns {0} when fenced, {1, attempts} to go on, {2} when the fact is finished: acknowledged here and now,
-- {3} when the entry is not pending any more and the ledger does not wait for it either.
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then return {0} end
local stream, group, id = KEYS[2], ARGV[3], ARGV[4]

-- The group may have been destroyed by hand: then nothing is pending, and this is an error reply.
local found = redis.pcall('XPENDING', stream, group, id, id, 1)
local pending = not found.err and found[1]
if not pending and redis.call('HEXISTS', KEYS[4], id) == 0 then return {3} end

local fact = redis.call('GET', KEYS[3])
if fact and (string.sub(fact, 1, 4) == 'done' or string.sub(fact, 1, 4) == 'dead') then
  redis.call('HDEL', KEYS[4], id)
  redis.pcall('XACK', stream, group, id)
  return {2}
end
local attempts = pending and pending[4] + 1 or 2
redis.pcall('XCLAIM', stream, group, ARGV[1], 0, id, 'RETRYCOUNT', attempts, 'FORCE', 'JUSTID')
return {1, attempts}
