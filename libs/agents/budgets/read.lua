-- Reads what a spender has used today.
-- KEYS: 1 hash day, tokens, cost, steps, raised:<what>
-- ARGV: none
-- Returns tokens, cost in millionths, steps, and how often each of these three was raised; zeros for another day.
local day = string.format('%d', math.floor(redis.call('TIME')[1] / 86400))
if redis.call('HGET', KEYS[1], 'day') ~= day then return { 0, 0, 0, 0, 0, 0 } end
local names = { 'tokens', 'cost', 'steps', 'raised:tokens', 'raised:cost', 'raised:steps' }
local values = redis.call('HMGET', KEYS[1], unpack(names))
for place = 1, #names do values[place] = tonumber(values[place] or 0) or 0 end
return values
