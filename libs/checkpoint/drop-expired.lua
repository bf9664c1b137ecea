-- Removes from the index of the store the items that expired; one stored anew in the meantime stays.
-- KEYS[1] index of the store
-- KEYS[2..] the items
-- ARGV[1..] their members in the index, in the same order
-- Returns the number of members removed.
local removed = 0
for i, member in ipairs(ARGV) do
  if redis.call('EXISTS', KEYS[i + 1]) == 0 then
    removed = removed + redis.call('ZREM', KEYS[1], member)
  end
end
return removed
