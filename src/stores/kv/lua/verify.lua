-- Compares a guess with a code, and removes the code if the guess is right.
-- KEYS: the code, the wrong guesses
-- ARGV: maximum number of wrong guesses for each client; permit id, span (ms) and limit of the window of wrong guesses;
-- '1' if the client has tries of its own without having asked; the number of its names, and these; then the hmacs of the
-- guess
-- Returns a result, then hmac, seed, tries of others, tries of those who asked, time to live (ms) and age (ms) of a code
-- that was guessed right. Results: the tries left if the guess is wrong, -1 if there is no code or no try at it, -2 if
-- the guess is right, -3 if the window of wrong guesses is full, which it stays for the time to live (ms).
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local span, limit = tonumber(ARGV[3]), tonumber(ARGV[4])
local nth = redis.call('ZRANGE', KEYS[2], limit - 1, limit - 1, 'REV', 'WITHSCORES')
if nth[2] and tonumber(nth[2]) + span > now then
  return { -3, '', '', 0, '', math.min(tonumber(nth[2]) + span - now, span), 0 }
end
local stored = redis.call('HMGET', KEYS[1], 'hmac', 'seed', 'tries', 'made', 'askers')
-- A code of an older version does not say who asked: all share its tries.
local askers = stored[5] or ''
-- The names are random hexadecimal digits, so none is part of another.
local name, tries
for number = 7, 6 + tonumber(ARGV[6]) do
  local count = string.match(askers, ARGV[number] .. '=(%d+)')
  if count then
    name, tries = ARGV[number], tonumber(count)
    break
  end
end
if not name and ARGV[5] == '1' and ARGV[6] ~= '0' then
  name, tries = ARGV[7], 0
  askers = askers .. ' ' .. name .. '=0'
end
if not stored[1] or (tries or tonumber(stored[3])) >= tonumber(ARGV[1]) then
  return { -1, '', '', 0, '', 0, 0 }
end
for number = 7 + tonumber(ARGV[6]), #ARGV do
  if stored[1] == ARGV[number] then
    local ttl = redis.call('PTTL', KEYS[1])
    redis.call('DEL', KEYS[1])
    local age = math.max(now - tonumber(stored[4]), 0)
    return { -2, stored[1], stored[2], tonumber(stored[3]), stored[5] or '', math.max(ttl, 1), age }
  end
end
redis.call('ZADD', KEYS[2], now, ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - span)
redis.call('PEXPIRE', KEYS[2], span)
if not name then
  return { tonumber(ARGV[1]) - redis.call('HINCRBY', KEYS[1], 'tries', 1), '', '', 0, '', 0, 0 }
end
askers = string.gsub(askers, name .. '=%d+', name .. '=' .. tries + 1)
redis.call('HSET', KEYS[1], 'askers', askers)
return { tonumber(ARGV[1]) - tries - 1, '', '', 0, '', 0, 0 }
