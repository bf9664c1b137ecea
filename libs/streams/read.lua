#!lua flags=allow-oom
-- Reads new entries of one partition for its group, if the reader still holds the lease: a worker that was
-- replaced can therefore never take an entry away from the one that replaced it. Nor does it read past entries
-- that were handed out in an answer that got lost: the reader says how far it knows, and must agree with the group.
-- KEYS: 1 lease hash, 2 hash of accepted entries, 3.. streams
-- ARGV: 1 member, 2 epoch, 3 group, 4 how many from each stream, 5 largest entry in bytes,
--       6.. for each stream: the last id that was delivered, as far as the reader knows
-- Returns {0} when fenced; else {1, for each stream: {state, entries, pending}} with
--   state 0 read, 1 the group was missing and has been created at 0, 2 the key is of another type,
--   3 the group has delivered something else than the reader knows: nothing was read, take over first;
--   entry: {id, fields, or its size in bytes where it is too large, 1 when the ledger says accepted};
--   pending: how many entries are pending in the group, these included.
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then return {0} end
local group, count, largest = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])

local function size(fields)
  local bytes = 0
  for _, part in ipairs(fields) do bytes = bytes + #part end
  return bytes
end

-- The group's fields; nil where the group or the stream is missing; or an error.
local function groupOf(stream)
  local groups = redis.pcall('XINFO', 'GROUPS', stream)
  if groups.err then return string.sub(groups.err, 1, 3) ~= 'ERR' and groups or nil end
  for _, info in ipairs(groups) do
    local fields = {}
    for i = 1, #info, 2 do fields[info[i]] = info[i + 1] end
    if fields['name'] == group then return fields end
  end
end

local function read(stream, known)
  local state, pending, info = 0, 0, groupOf(stream)
  if info and info.err then
    if string.sub(info.err, 1, 9) == 'WRONGTYPE' then return {2, {}, 0} end
    return redis.error_reply(info.err)
  elseif not info then
    redis.call('XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM')
    state = 1
  elseif info['last-delivered-id'] ~= known then
    return {3, {}, info['pending']}
  else
    pending = info['pending']
  end
  local reply = redis.call('XREADGROUP', 'GROUP', group, ARGV[1], 'COUNT', count, 'STREAMS', stream, '>')
  local entries, ids = reply and reply[1] and reply[1][2] or {}, {}
  if #entries == 0 then return {state, entries, pending} end
  for i, entry in ipairs(entries) do ids[i] = entry[1] end
  local sessions = redis.call('HMGET', KEYS[2], unpack(ids))
  for i, entry in ipairs(entries) do
    local bytes = size(entry[2])
    entries[i] = {entry[1], bytes > largest and bytes or entry[2], sessions[i] and 1 or 0}
  end
  return {state, entries, pending + #entries}
end

local streams = {}
for i = 3, #KEYS do
  local result = read(KEYS[i], ARGV[i + 3])
  if result.err then return result end
  streams[i - 2] = result
end
return {1, streams}
