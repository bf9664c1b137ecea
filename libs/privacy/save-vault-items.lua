-- Puts personal data into the vault of a session; what is there already stays as it is.
-- KEYS: the vault (hash placeholder -> sealed), its order (list of placeholders, the oldest first)
-- ARGV: time to live in ms, the most items, then placeholder, sealed, placeholder, sealed …
-- Returns how many items are new. Beyond the most, the oldest are forgotten.
local new = 0
for i = 3, #ARGV, 2 do
  if redis.call('HSETNX', KEYS[1], ARGV[i], ARGV[i + 1]) == 1 then
    redis.call('RPUSH', KEYS[2], ARGV[i])
    new = new + 1
  end
end
while redis.call('LLEN', KEYS[2]) > tonumber(ARGV[2]) do
  redis.call('HDEL', KEYS[1], redis.call('LPOP', KEYS[2]))
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[1])
return new
