#!lua flags=allow-oom
-- Takes back one count of an attempt at an entry that ended for reasons that are not the entry's. Not fenced: whoever
-- counted it may have lost the lease meanwhile, and only the count changes, relative to what others have made of it.
-- KEYS: 1 stream
-- ARGV: 1 group, 2 entry id
-- Returns the count that remains; 0 when the entry is not pending any more.
local stream, group, id = KEYS[1], ARGV[1], ARGV[2]
local found = redis.pcall('XPENDING', stream, group, id, id, 1)
local pending = not found.err and found[1]
if not pending then return 0 end
-- What was read may have been begun: the first count stays.
local count = math.max(1, pending[4] - 1)
redis.call('XCLAIM', stream, group, pending[2], 0, id, 'IDLE', pending[3], 'RETRYCOUNT', count, 'JUSTID')
return count
