-- Adds past events that are missing.
-- KEYS: the events
-- ARGV: time to live of the key (ms), '1' if this is the last call, then permit id and age (ms) of each event
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for at = 3, #ARGV, 2 do
  redis.call('ZADD', KEYS[1], 'NX', now - tonumber(ARGV[at + 1]), ARGV[at])
end
if ARGV[2] == '1' then
  redis.call('ZADD', KEYS[1], 0, 'filled')
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return redis.status_reply('OK')
