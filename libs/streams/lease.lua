#!lua flags=allow-oom
-- Takes or renews the lease of a partition. The epoch grows whenever the owner changes.
-- KEYS: 1 lease hash (owner, epoch, until)
-- ARGV: 1 member, 2 time to live in ms
-- Returns {epoch, until} when the member holds it now, {0, ms that the owner has left} otherwise.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch', 'until')
local epoch = tonumber(lease[2] or '0')
if lease[1] ~= ARGV[1] then
  local ends = tonumber(lease[3] or '0')
  if lease[1] and ends > now then return {0, ends - now} end
  epoch = epoch + 1
end
local ends = now + ARGV[2]
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'epoch', epoch, 'until', ends)
return {epoch, ends}
