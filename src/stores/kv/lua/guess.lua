-- Counts a guess, compares it, and removes what is used up or guessed to death.
-- KEYS: the secret · ARGV: hmac, most tries
-- Answers -1 when there is none, the tries left when wrong, -2 when right; then seed, tries, ttl, age (ms).
local held = redis.call('HMGET', KEYS[1], 'hmac', 'seed', 'tries', 'made')
if not held[1] then
  return { -1, '', 0, 0, 0 }
end
if held[1] == ARGV[1] then
  local ttl = redis.call('PTTL', KEYS[1])
  local time = redis.call('TIME')
  local age = time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(held[4])
  redis.call('DEL', KEYS[1])
  return { -2, held[2], tonumber(held[3]), math.max(ttl, 1), math.max(age, 0) }
end
local left = tonumber(ARGV[2]) - redis.call('HINCRBY', KEYS[1], 'tries', 1)
if left <= 0 then
  redis.call('DEL', KEYS[1])
  return { 0, '', 0, 0, 0 }
end
return { left, '', 0, 0, 0 }
