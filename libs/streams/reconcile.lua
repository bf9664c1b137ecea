#!lua flags=allow-oom
-- Compares what was accepted with what the group still holds: an accepted entry that has been delivered, is not
-- pending and has no outcome was dropped by hand (XGROUP DELCONSUMER, SETID, XTRIM). It is made pending again,
-- or, where the stream no longer has it, becomes a dead letter.
-- KEYS: 1 lease hash, 2 stream, 3 hash of accepted entries, 4 dead letters
-- ARGV: 1 member, 2 epoch, 3 group, 4 cursor
-- Returns {0} when fenced, else {1, next cursor ('0' at the end), number made pending again, lost: {id, session}}.
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then return {0} end
local stream, accepted, group = KEYS[2], KEYS[3], ARGV[3]

local function after(a, b)
  local aMs, aSeq = string.match(a, '^(%d+)-(%d+)$')
  local bMs, bSeq = string.match(b, '^(%d+)-(%d+)$')
  if aMs ~= bMs then return tonumber(aMs) > tonumber(bMs) end
  return tonumber(aSeq) > tonumber(bSeq)
end

local delivered
local groups = redis.pcall('XINFO', 'GROUPS', stream)
-- No stream, no group or a key of another type: the reader says so, and makes what is missing.
for _, info in ipairs(groups.err and {} or groups) do
  local fields = {}
  for i = 1, #info, 2 do fields[info[i]] = info[i + 1] end
  if fields['name'] == group then delivered = fields['last-delivered-id'] end
end
if not delivered then return {1, '0', 0, {}} end

local page = redis.call('HSCAN', accepted, ARGV[4], 'COUNT', 200)
local again, lost = 0, {}
for i = 1, #page[2], 2 do
  local id, session = page[2][i], page[2][i + 1]
  local exists = #redis.call('XRANGE', stream, id, id) > 0
  local isPending = #redis.call('XPENDING', stream, group, id, id, 1) > 0
  if not isPending and exists and not after(id, delivered) then
    redis.call('XCLAIM', stream, group, ARGV[1], 0, id, 'FORCE', 'JUSTID')
    again = again + 1
  elseif not isPending and not exists then
    redis.call('XADD', KEYS[4], '*', 'session', session, 'entry', id, 'stream', stream,
      'reason', 'lost: deleted from the stream before it was read', 'stage', group, 'attempts', '0')
    redis.call('HDEL', accepted, id)
    lost[#lost + 1] = {id, session}
  end
end
return {1, page[1], again, lost}
