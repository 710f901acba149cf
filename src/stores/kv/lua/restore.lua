-- Puts a used code back as it was, unless there is another one under the key.
-- KEYS: the code
-- ARGV: hmac, seed, tries of others, tries of those who asked, time to live (ms), age (ms)
if redis.call('EXISTS', KEYS[1]) == 0 then
  local time = redis.call('TIME')
  local made = time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(ARGV[6])
  redis.call('HSET', KEYS[1], 'hmac', ARGV[1], 'seed', ARGV[2], 'tries', ARGV[3], 'askers', ARGV[4], 'made', made)
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
end
return redis.status_reply('OK')
