-- Takes a dead letter out: replayed as a new entry of its stream, or dropped; with a line in the audit chain.
-- KEYS: 1 dead letters, 2 audit stream, 3 audit head, 4 fact ledger key, 5 hash of accepted entries, 6 target stream
-- ARGV: 1 letter id, 2 audit hash that the line builds on, 3 the line's own hash,
--       4 'replay' or 'drop', 5 session, or '' when the ledger does not cover the target, 6 ledger TTL in ms,
--       7.. fields of the audit line
-- Returns {'OK', new entry id or ''}, {'GONE'} when the letter is not there, {'AGAIN'} when the chain has grown,
-- {'PACKED'} when the letter has too many fields to be replayed.
local head = redis.call('HGET', KEYS[3], 'hash')
if head and head ~= ARGV[2] or not head and not string.match(ARGV[2], '^0+$') then return {'AGAIN'} end
local letter = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1]
if not letter then return {'GONE'} end
local id = ''
if ARGV[4] == 'replay' then
  local fields = letter[2]
  for _ = 1, 10 do fields[#fields] = nil end
  -- More values than Lua can pass to a command: it was never an entry of ours.
  if fields[1] == 'packed' then return {'PACKED'} end
  id = redis.call('XADD', KEYS[6], '*', unpack(fields))
  if ARGV[5] ~= '' then
    redis.call('SET', KEYS[4], id, 'PX', ARGV[6])
    redis.call('HSET', KEYS[5], id, ARGV[5])
  end
end
redis.call('XADD', KEYS[2], '*', unpack(ARGV, 7))
redis.call('HSET', KEYS[3], 'hash', ARGV[3])
redis.call('XDEL', KEYS[1], ARGV[1])
return {'OK', id}
