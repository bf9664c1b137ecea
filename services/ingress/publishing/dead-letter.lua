-- Appends a dead letter once for each fact.
-- KEYS: 1 fact ledger key, 2 dead letters
-- ARGV: 1 what the ledger will say, 2 ledger TTL in ms, 3.. fields
-- Returns {1, entry id} when appended, {0, what the ledger says} when the fact is known.
-- The first write is XADD: out of memory, nothing at all is written.
local known = redis.call('GET', KEYS[1])
if known then return {0, known} end
local id = redis.call('XADD', KEYS[2], '*', unpack(ARGV, 3))
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return {1, id}
