-- Keeps a secret to be guessed, or renews the one that is there.
-- KEYS: the secret · ARGV: hmac, seed, ttl (ms), longest life (ms)
-- Answers hmac, seed, whether it is the offered one, what it has to live (ms).
local ttl, longest = tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held = redis.call('HMGET', KEYS[1], 'hmac', 'seed', 'made')
if held[1] then
  local renewed = math.min(ttl, tonumber(held[3]) + longest - now)
  if renewed >= ttl / 2 then
    redis.call('PEXPIRE', KEYS[1], renewed)
    return { held[1], held[2], 0, renewed }
  end
  redis.call('DEL', KEYS[1])
end
redis.call('HSET', KEYS[1], 'hmac', ARGV[1], 'seed', ARGV[2], 'tries', 0, 'made', now)
redis.call('PEXPIRE', KEYS[1], ttl)
return { ARGV[1], ARGV[2], 1, ttl }
