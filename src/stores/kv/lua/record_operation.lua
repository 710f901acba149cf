-- Records that an operation started or was completed.
-- KEYS: the started operations, the completed ones
-- ARGV: 'started' or 'completed', name of the operation, number of operations to store, time to live of the keys (ms)
if ARGV[1] == 'started' then
  local time = redis.call('TIME')
  redis.call('ZADD', KEYS[1], 'NX', time[1] * 1000 + math.floor(time[2] / 1000), ARGV[2])
  redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - tonumber(ARGV[3]))
else
  local started = redis.call('ZSCORE', KEYS[1], ARGV[2])
  if started then
    redis.call('ZADD', KEYS[2], started, ARGV[2])
  end
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
if first then
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. first)
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
end
return redis.status_reply('OK')
