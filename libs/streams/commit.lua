#!lua flags=allow-oom
-- The commit: all that a turn leaves behind, or nothing. Redis does not undo a script that fails half way, so
-- everything that could fail is looked at before the first write. That one itself may fail: then nothing was written.
-- KEYS: 1 lease hash, 2 source stream, 3 hash of accepted entries, 4 fact ledger key, 5 dead letters,
--       6.. keys of guards and writes
-- ARGV: 1 member, 2 epoch, 3 group, 4 entry id,
--       5 mode: 'ack' ends the entry, 'save' leaves it pending, 'dead' ends it as a dead letter,
--       6 what the ledger will say ('' leaves the ledger alone), 7 ledger TTL in ms,
--       8 reason, 9 stage, 10 attempts (of a dead letter),
--       11 number of guards, each: key number, field, '1' and a value or '0' and '' for "is not there";
--       then for each write: command, key number, number of arguments (at most 7000), arguments
-- Returns {'OK'}, {'FENCED'}, {'GONE'}, {'STALE', key} or {'WRONGTYPE', key}. An accepted entry without an outcome
-- is never gone, even if somebody removed it from the group by hand: the lease alone says who may finish it.
local kinds = {X = 'stream', H = 'hash', Z = 'zset', S = 'set', R = 'list', L = 'list'}
local seen = {}
local function isWrong(key, wanted)
  if not wanted then return false end
  seen[key] = seen[key] or redis.call('TYPE', key)['ok']
  return seen[key] ~= wanted and seen[key] ~= 'none'
end

local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then return {'FENCED'} end
local stream, accepted, group, id, mode = KEYS[2], KEYS[3], ARGV[3], ARGV[4], ARGV[5]
if mode == 'dead' and isWrong(KEYS[5], 'stream') then return {'WRONGTYPE', KEYS[5]} end
local waits = redis.pcall('HEXISTS', accepted, id)
if type(waits) == 'table' then return {'WRONGTYPE', accepted} end
if waits == 0 then
  -- An error reply: the group or the stream is not there.
  local found = redis.pcall('XPENDING', stream, group, id, id, 1)
  if found.err or #found == 0 then return {'GONE'} end
end

local at = 12
for _ = 1, tonumber(ARGV[11]) do
  local key = KEYS[tonumber(ARGV[at])]
  if isWrong(key, 'hash') then return {'WRONGTYPE', key} end
  local value = redis.call('HGET', key, ARGV[at + 1])
  if ARGV[at + 2] == '1' and value ~= ARGV[at + 3] or ARGV[at + 2] == '0' and value then
    return {'STALE', key}
  end
  at = at + 4
end

local first = at
while at <= #ARGV do
  local command, key = ARGV[at], KEYS[tonumber(ARGV[at + 1])]
  if command == 'DEL' then
    seen[key] = 'none'
  elseif command == 'SET' then
    seen[key] = 'string'
  elseif at > first and isWrong(key, kinds[string.sub(command, 1, 1)]) then
    return {'WRONGTYPE', key}
  end
  local count = tonumber(ARGV[at + 2])
  if count > 7000 then return redis.error_reply('ERR a write of ' .. count .. ' arguments to ' .. key) end
  at = at + 3 + count
end
at = first
while at <= #ARGV do
  local key, last = KEYS[tonumber(ARGV[at + 1])], at + 2 + tonumber(ARGV[at + 2])
  if at > first then
    redis.call(ARGV[at], key, unpack(ARGV, at + 3, last))
  else
    local reply = redis.pcall(ARGV[at], key, unpack(ARGV, at + 3, last))
    if type(reply) == 'table' and reply.err then
      return string.sub(reply.err, 1, 9) == 'WRONGTYPE' and {'WRONGTYPE', key} or reply
    end
  end
  at = last + 1
end

if mode == 'save' then return {'OK'} end
if mode == 'dead' then
  local found = redis.pcall('XRANGE', stream, id, id)
  local fields = found[1] and found[1][2] or {}
  if #fields > 4000 then fields = {'packed', cmsgpack.pack(fields)} end
  for _, part in ipairs({'entry', id, 'stream', stream, 'reason', ARGV[8], 'stage', ARGV[9], 'attempts', ARGV[10]}) do
    fields[#fields + 1] = part
  end
  redis.call('XADD', KEYS[5], '*', unpack(fields))
end
if ARGV[6] ~= '' then redis.call('SET', KEYS[4], ARGV[6], 'PX', ARGV[7]) end
redis.call('HDEL', accepted, id)
-- Fails where the stream's key holds something else by now: then there is nothing to acknowledge.
redis.pcall('XACK', stream, group, id)
return {'OK'}
