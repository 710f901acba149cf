-- Notes what began or ended well, and counts those of the newest that are old enough.
-- KEYS: what began, what ended well · ARGV: 'begun' or 'done', its name, patience (ms), how many count, how many
-- are held, what the tally has to live (ms)
-- Answers how many count, and how many of them ended well.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local settled = now - tonumber(ARGV[3])
if ARGV[1] == 'begun' then
  redis.call('ZADD', KEYS[1], 'NX', now, ARGV[2])
  redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - tonumber(ARGV[5]))
else
  local began = redis.call('ZSCORE', KEYS[1], ARGV[2])
  if began then
    redis.call('ZADD', KEYS[2], began, ARGV[2])
  end
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
if not first then
  return { 0, 0 }
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. first)
redis.call('PEXPIRE', KEYS[1], ARGV[6])
redis.call('PEXPIRE', KEYS[2], ARGV[6])
local newest = redis.call('ZREVRANGEBYSCORE', KEYS[1], settled, '-inf', 'WITHSCORES', 'LIMIT', ARGV[4] - 1, 1)
local from = newest[2] or first
return { redis.call('ZCOUNT', KEYS[1], from, settled), redis.call('ZCOUNT', KEYS[2], from, settled) }
