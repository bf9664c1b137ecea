#!lua flags=allow-oom
-- Reads new entries of one partition for its group, if the reader still holds the lease: a worker that was
-- replaced can therefore never take an entry away from the one that replaced it.
-- KEYS: 1 lease hash, 2 hash of accepted entries, 3.. streams
-- ARGV: 1 member, 2 epoch, 3 group, 4 how many from each stream, 5 largest entry in bytes
-- Returns {0} when fenced; else {1, for each stream: {state, last id, entries}} with
--   state 0 read, 1 the group was missing and has been created at 0, 2 the key is of another type;
--   last id: everything up to it has been delivered, '' where more may wait;
--   entry: {id, fields, or its size in bytes where it is too large, 1 when the ledger says accepted}.
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then return {0} end
local group, count, largest = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])

local function size(fields)
  local bytes = 0
  for _, part in ipairs(fields) do bytes = bytes + #part end
  return bytes
end

local function lastId(stream)
  local info = redis.call('XINFO', 'STREAM', stream)
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then return info[i + 1] end
  end
end

local function read(stream)
  local reply = redis.pcall('XREADGROUP', 'GROUP', group, ARGV[1], 'COUNT', count, 'STREAMS', stream, '>')
  local state = 0
  if reply and reply.err then
    if string.sub(reply.err, 1, 9) == 'WRONGTYPE' then return {2, '', {}} end
    if string.sub(reply.err, 1, 7) ~= 'NOGROUP' then return redis.error_reply(reply.err) end
    redis.call('XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM')
    state = 1
    reply = redis.call('XREADGROUP', 'GROUP', group, ARGV[1], 'COUNT', count, 'STREAMS', stream, '>')
  end
  local found = reply and reply[1] and reply[1][2] or {}
  local entries = {}
  for i, entry in ipairs(found) do
    local bytes = size(entry[2])
    local accepted = redis.call('HEXISTS', KEYS[2], entry[1])
    entries[i] = {entry[1], bytes > largest and bytes or entry[2], accepted}
  end
  return {state, #found < count and lastId(stream) or '', entries}
end

local streams = {}
for i = 3, #KEYS do
  local result = read(KEYS[i])
  if result.err then return result end
  streams[i - 2] = result
end
return {1, streams}
