-- Counts a guess, compares it, and removes what is used up or guessed to death.
-- KEYS: the secret, the wrong guesses · ARGV: most tries, ticket, span (ms) and limit of the wrong ones, then the
-- hmacs of which one is right
-- Answers -1 when there is none, -3 when there were too many wrong ones, the tries left when wrong, -2 when
-- right; then hmac, seed, tries, ttl (when too many: the wait), age (ms).
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local span, limit = tonumber(ARGV[3]), tonumber(ARGV[4])
local nth = redis.call('ZRANGE', KEYS[2], limit - 1, limit - 1, 'REV', 'WITHSCORES')
if nth[2] and tonumber(nth[2]) + span > now then
  return { -3, '', '', 0, math.min(tonumber(nth[2]) + span - now, span), 0 }
end
local held = redis.call('HMGET', KEYS[1], 'hmac', 'seed', 'tries', 'made')
if not held[1] then
  return { -1, '', '', 0, 0, 0 }
end
for number = 5, #ARGV do
  if held[1] == ARGV[number] then
    local ttl = redis.call('PTTL', KEYS[1])
    redis.call('DEL', KEYS[1])
    local age = math.max(now - tonumber(held[4]), 0)
    return { -2, held[1], held[2], tonumber(held[3]), math.max(ttl, 1), age }
  end
end
redis.call('ZADD', KEYS[2], now, ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - span)
redis.call('PEXPIRE', KEYS[2], span)
local left = tonumber(ARGV[1]) - redis.call('HINCRBY', KEYS[1], 'tries', 1)
if left <= 0 then
  redis.call('DEL', KEYS[1])
  return { 0, '', '', 0, 0, 0 }
end
return { left, '', '', 0, 0, 0 }
