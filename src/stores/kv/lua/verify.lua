-- Compares a guess with a code. Removes the code if the guess is right, or the last wrong one.
-- KEYS: the code, the wrong guesses
-- ARGV: maximum number of wrong guesses for the code; permit id, span (ms) and limit of the window of wrong guesses; then
-- the hmacs of the guess
-- Returns a result, then hmac, seed, tries, time to live (ms) and age (ms) of a code that was guessed right. Results:
-- the tries left if the guess is wrong, -1 if there is no code, -2 if the guess is right, -3 if the window of wrong
-- guesses is full, which it stays for the time to live (ms).
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local span, limit = tonumber(ARGV[3]), tonumber(ARGV[4])
local nth = redis.call('ZRANGE', KEYS[2], limit - 1, limit - 1, 'REV', 'WITHSCORES')
if nth[2] and tonumber(nth[2]) + span > now then
  return { -3, '', '', 0, math.min(tonumber(nth[2]) + span - now, span), 0 }
end
local stored = redis.call('HMGET', KEYS[1], 'hmac', 'seed', 'tries', 'made')
if not stored[1] then
  return { -1, '', '', 0, 0, 0 }
end
for number = 5, #ARGV do
  if stored[1] == ARGV[number] then
    local ttl = redis.call('PTTL', KEYS[1])
    redis.call('DEL', KEYS[1])
    local age = math.max(now - tonumber(stored[4]), 0)
    return { -2, stored[1], stored[2], tonumber(stored[3]), math.max(ttl, 1), age }
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
