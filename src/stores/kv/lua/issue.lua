-- Stores a code, or renews the one that is under the key, and adds who asked for it.
-- KEYS: the code
-- ARGV: hmac, seed, time to live (ms), maximum age (ms), maximum number of wrong guesses for each client, maximum number
-- of clients, then the names of the client that asks
-- Returns hmac, seed, 1 if it is the new code, and the time until it expires (ms).
local ttl, max_age, max_tries = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stored = redis.call('HMGET', KEYS[1], 'hmac', 'seed', 'made', 'askers')
if stored[1] then
  local renewed = math.min(ttl, tonumber(stored[3]) + max_age - now)
  local tries, order, has_tries = {}, {}, false
  for name, count in string.gmatch(stored[4] or '', '(%w+)=(%d+)') do
    tries[name], order[#order + 1] = tonumber(count), name
    has_tries = has_tries or tries[name] < max_tries
  end
  if renewed >= ttl / 2 and (has_tries or #order == 0) then
    for number = 7, #ARGV do
      local name = ARGV[number]
      if not tries[name] and #order < tonumber(ARGV[6]) then
        tries[name], order[#order + 1] = 0, name
      elseif tries[name] and tries[name] >= max_tries then
        -- Another client can still use the code, so it is not replaced.
        tries[name] = 0
      end
    end
    for number, name in ipairs(order) do
      order[number] = name .. '=' .. tries[name]
    end
    redis.call('HSET', KEYS[1], 'askers', table.concat(order, ' '))
    redis.call('PEXPIRE', KEYS[1], renewed)
    return { stored[1], stored[2], 0, renewed }
  end
  redis.call('DEL', KEYS[1])
end
local askers = {}
for number = 7, #ARGV do
  askers[#askers + 1] = ARGV[number] .. '=0'
end
redis.call('HSET', KEYS[1], 'hmac', ARGV[1], 'seed', ARGV[2], 'tries', 0, 'made', now, 'askers', table.concat(askers, ' '))
redis.call('PEXPIRE', KEYS[1], ttl)
return { ARGV[1], ARGV[2], 1, ttl }
