-- Appends an entry once for each fact.
-- KEYS: 1 fact ledger key, 2 stream, 3 hash of accepted entries
-- ARGV: 1 ledger TTL in ms, 2 session, or '' when the ledger of accepted entries does not cover the stream, 3.. fields
-- Returns {1, entry id} when appended, {0, what the ledger says} when the fact is known.
-- The first write is XADD: out of memory, nothing at all is written.
local known = redis.call('GET', KEYS[1])
if known then return {0, known} end
local id = redis.call('XADD', KEYS[2], '*', unpack(ARGV, 3))
redis.call('SET', KEYS[1], id, 'PX', ARGV[1])
if ARGV[2] ~= '' then redis.call('HSET', KEYS[3], id, ARGV[2]) end
return {1, id}
