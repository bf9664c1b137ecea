#!lua flags=allow-oom
-- Takes over what is pending in a group, whoever read it, without counting it as a new delivery.
-- KEYS: 1 lease hash, 2 stream, 3 hash of accepted entries, 4 dead letters
-- ARGV: 1 member, 2 epoch, 3 group, 4 cursor, 5 how many at most, 6 largest entry in bytes
-- Returns {0} when fenced; {2} when the stream's key is of another type; else {1, next cursor ('0-0' at the end),
-- entries, lost, last delivered id} with
--   entry: {id, fields or size in bytes, deliveries so far}, and
--   lost: {id, session} of entries that were deleted from the stream while they were pending; each is a dead
--   letter now.
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then return {0} end
local stream, group, largest = KEYS[2], ARGV[3], tonumber(ARGV[6])

local function claim()
  return redis.pcall('XAUTOCLAIM', stream, group, ARGV[1], 0, ARGV[4], 'COUNT', ARGV[5], 'JUSTID')
end

local claimed = claim()
if claimed.err then
  if string.sub(claimed.err, 1, 9) == 'WRONGTYPE' then return {2} end
  if string.sub(claimed.err, 1, 7) ~= 'NOGROUP' then return claimed end
  redis.call('XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM')
  claimed = claim()
end

local entries = {}
for i, id in ipairs(claimed[2]) do
  local fields = redis.call('XRANGE', stream, id, id)[1][2]
  local bytes = 0
  for _, part in ipairs(fields) do bytes = bytes + #part end
  local pending = redis.call('XPENDING', stream, group, id, id, 1)[1]
  entries[i] = {id, bytes > largest and bytes or fields, pending[4]}
end

local lost = {}
for i, id in ipairs(claimed[3]) do
  local session = redis.call('HGET', KEYS[3], id) or ''
  redis.call('XADD', KEYS[4], '*', 'session', session, 'entry', id, 'stream', stream,
    'reason', 'lost: deleted from the stream while it was pending', 'stage', group, 'attempts', '0')
  redis.call('HDEL', KEYS[3], id)
  lost[i] = {id, session}
end

local delivered
for _, info in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
  local fields = {}
  for i = 1, #info, 2 do fields[info[i]] = info[i + 1] end
  if fields['name'] == group then delivered = fields['last-delivered-id'] end
end
return {1, claimed[1], entries, lost, delivered}
