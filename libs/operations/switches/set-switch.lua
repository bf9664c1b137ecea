#!lua flags=allow-oom
-- Switches something off or on, with a line in the log that says who did it and why. A full Redis is no reason to
-- let something run that an operator wants to stop.
-- KEYS: 1 hash of what is off, 2 stream of who switched what
-- ARGV: 1 field, 2 record as JSON, or '' to switch on, 3.. fields of the log line
-- Returns 1 when it was switched, 0 when there is nothing to switch on.
-- What speaks of nothing known switches everything off, and is removed when everything is switched on.
local scopes = {all = true, room = true, agent = true, tool = true}
if ARGV[2] == '' then
  local removed = redis.call('HDEL', KEYS[1], ARGV[1])
  for _, field in ipairs(ARGV[1] == 'all:*' and redis.call('HKEYS', KEYS[1]) or {}) do
    local scope = string.match(field, '^(%a+):.')
    if not scopes[scope or ''] or #field > 260 or string.sub(field, 1, 4) == 'all:' then
      removed = removed + redis.call('HDEL', KEYS[1], field)
    end
  end
  if removed == 0 then return 0 end
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
redis.call('XADD', KEYS[2], '*', unpack(ARGV, 3))
return 1
