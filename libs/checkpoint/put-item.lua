-- Stores one item of the store; one that exists keeps the time of its creation.
-- KEYS[1] the item
-- KEYS[2] index of the store
-- ARGV[1] the item's member in the index
-- ARGV[2] time of this change, ISO 8601
-- ARGV[3] type of the serialised value
-- ARGV[4] the serialised value
-- ARGV[5] lifetime in ms; 0 for no expiry
-- The index lives as long as its longest-living item.
-- Returns 1 when the item is new, 0 when it replaced another.
local before = redis.call('GET', KEYS[1])
local created = before and string.match(before, '^%["([^"]*)"') or ARGV[2]
local header = cjson.encode({ created, ARGV[2], ARGV[3] })
local lifetime = tonumber(ARGV[5])
if lifetime > 0 then
  redis.call('SET', KEYS[1], header .. '\n' .. ARGV[4], 'PX', lifetime)
else
  redis.call('SET', KEYS[1], header .. '\n' .. ARGV[4])
end
local isNewIndex = redis.call('EXISTS', KEYS[2]) == 0
redis.call('ZADD', KEYS[2], 0, ARGV[1])
if lifetime == 0 then
  redis.call('PERSIST', KEYS[2])
elseif isNewIndex then
  redis.call('PEXPIRE', KEYS[2], lifetime)
else
  -- Never shorter than what an item has, and an index that stays because one of its items does, stays.
  redis.call('PEXPIRE', KEYS[2], lifetime, 'GT')
end
return before and 0 or 1
