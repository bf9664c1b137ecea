#!lua flags=allow-oom
-- The commit: all that a turn leaves behind, or nothing.
-- KEYS: 1 lease hash, 2 source stream, 3 hash of accepted entries, 4 fact ledger key, 5 dead letters,
--       6.. keys of guards and writes
-- ARGV: 1 member, 2 epoch, 3 group, 4 entry id,
--       5 mode: 'ack' ends the entry, 'save' leaves it pending, 'dead' ends it as a dead letter,
--       6 what the ledger will say ('' leaves the ledger alone), 7 ledger TTL in ms,
--       8 reason, 9 stage, 10 attempts (of a dead letter),
--       11 number of guards, each: key number, field, '1' and a value or '0' and '' for "is not there";
--       then for each write: command, key number, number of arguments, arguments
-- Returns {'OK'}, {'FENCED'}, {'GONE'} or {'STALE', key}. Outputs (XADD) come first among the writes.
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then return {'FENCED'} end
local stream, group, id, mode = KEYS[2], ARGV[3], ARGV[4], ARGV[5]
if #redis.call('XPENDING', stream, group, id, id, 1) == 0 then return {'GONE'} end

local at = 12
for _ = 1, tonumber(ARGV[11]) do
  local key = KEYS[tonumber(ARGV[at])]
  local value = redis.call('HGET', key, ARGV[at + 1])
  if ARGV[at + 2] == '1' and value ~= ARGV[at + 3] or ARGV[at + 2] == '0' and value then
    return {'STALE', key}
  end
  at = at + 4
end

while at <= #ARGV do
  local last = at + 2 + tonumber(ARGV[at + 2])
  redis.call(ARGV[at], KEYS[tonumber(ARGV[at + 1])], unpack(ARGV, at + 3, last))
  at = last + 1
end

if mode == 'save' then return {'OK'} end
if mode == 'dead' then
  local found = redis.call('XRANGE', stream, id, id)[1]
  local fields = found and found[2] or {}
  if #fields > 4000 then fields = {'packed', cmsgpack.pack(fields)} end
  for _, part in ipairs({'entry', id, 'stream', stream, 'reason', ARGV[8], 'stage', ARGV[9], 'attempts', ARGV[10]}) do
    fields[#fields + 1] = part
  end
  redis.call('XADD', KEYS[5], '*', unpack(fields))
end
if ARGV[6] ~= '' then redis.call('SET', KEYS[4], ARGV[6], 'PX', ARGV[7]) end
redis.call('HDEL', KEYS[3], id)
redis.call('XACK', stream, group, id)
return {'OK'}
