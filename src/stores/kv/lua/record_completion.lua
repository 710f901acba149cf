-- Records that an operation started or was completed, and counts the newest ones that are old enough.
-- KEYS: the started operations, the completed ones
-- ARGV: 'started' or 'completed', name of the operation, minimum age (ms), sample size, number of operations to store,
-- time to live of the keys (ms)
-- Returns the number of operations in the sample, and how many of them were completed.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local latest = now - tonumber(ARGV[3])
if ARGV[1] == 'started' then
  redis.call('ZADD', KEYS[1], 'NX', now, ARGV[2])
  redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - tonumber(ARGV[5]))
else
  local started = redis.call('ZSCORE', KEYS[1], ARGV[2])
  if started then
    redis.call('ZADD', KEYS[2], started, ARGV[2])
  end
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
if not first then
  return { 0, 0 }
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. first)
redis.call('PEXPIRE', KEYS[1], ARGV[6])
redis.call('PEXPIRE', KEYS[2], ARGV[6])
local oldest = redis.call('ZREVRANGEBYSCORE', KEYS[1], latest, '-inf', 'WITHSCORES', 'LIMIT', ARGV[4] - 1, 1)
local from = oldest[2] or first
return { redis.call('ZCOUNT', KEYS[1], from, latest), redis.call('ZCOUNT', KEYS[2], from, latest) }
