-- Prolongs a lock if it is still ours.
-- KEYS: 1 lock
-- ARGV: 1 owner, 2 lock in ms
-- Returns 1 when prolonged, 0 when another one holds it or nobody does.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
