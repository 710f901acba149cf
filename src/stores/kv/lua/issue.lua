-- Stores a code, or renews the one that is under the key.
-- KEYS: the code
-- ARGV: hmac, seed, time to live (ms), maximum age (ms)
-- Returns hmac, seed, 1 if it is the new code, and the time until it expires (ms).
local ttl, max_age = tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stored = redis.call('HMGET', KEYS[1], 'hmac', 'seed', 'made')
if stored[1] then
  local renewed = math.min(ttl, tonumber(stored[3]) + max_age - now)
  if renewed >= ttl / 2 then
    redis.call('PEXPIRE', KEYS[1], renewed)
    return { stored[1], stored[2], 0, renewed }
  end
  redis.call('DEL', KEYS[1])
end
redis.call('HSET', KEYS[1], 'hmac', ARGV[1], 'seed', ARGV[2], 'tries', 0, 'made', now)
redis.call('PEXPIRE', KEYS[1], ttl)
return { ARGV[1], ARGV[2], 1, ttl }
