#!lua flags=allow-oom
-- Trims a stream by MINID, never past an entry that some group has not acknowledged or has not read.
-- KEYS: 1 stream
-- ARGV: 1 how long finished entries stay, in ms, 2.. the groups that must exist; without one of them nothing goes
-- Returns how many entries went.
local time = redis.call('TIME')
local cutoff = string.format('%.0f-0', time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[1])

local function before(a, b)
  local aMs, aSeq = string.match(a, '^(%d+)-(%d+)$')
  local bMs, bSeq = string.match(b, '^(%d+)-(%d+)$')
  if aMs ~= bMs then return tonumber(aMs) < tonumber(bMs) end
  return tonumber(aSeq) < tonumber(bSeq)
end

if redis.call('TYPE', KEYS[1])['ok'] ~= 'stream' then return 0 end
local missing = {}
for i = 2, #ARGV do missing[ARGV[i]] = true end
for _, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #info, 2 do group[info[i]] = info[i + 1] end
  missing[group['name']] = nil
  local needed = group['last-delivered-id']
  if group['pending'] > 0 then
    local oldest = redis.call('XPENDING', KEYS[1], group['name'])[2]
    if before(oldest, needed) then needed = oldest end
  end
  if before(needed, cutoff) then cutoff = needed end
end
if next(missing) then return 0 end
return redis.call('XTRIM', KEYS[1], 'MINID', cutoff)
