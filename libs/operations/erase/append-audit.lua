-- Appends a line to the audit chain.
-- KEYS: 1 audit stream, 2 audit head
-- ARGV: 1 hash that the line builds on, 2 the line's own hash, 3.. fields of the line
-- Returns 1, or 0 when the chain has grown meanwhile.
local head = redis.call('HGET', KEYS[2], 'hash')
if head and head ~= ARGV[1] or not head and not string.match(ARGV[1], '^0+$') then return 0 end
redis.call('XADD', KEYS[1], '*', unpack(ARGV, 3))
redis.call('HSET', KEYS[2], 'hash', ARGV[2])
return 1
