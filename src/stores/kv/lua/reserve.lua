-- Takes a place in every rolling window of a key at once, or in none.
-- KEYS: the events · ARGV: ticket ('' only asks), then span (ms) and limit of each window
-- Answers the index of the window that stays full for longest and for how long (ms); 0 when granted.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local fullest, wait, longest = 0, 0, 0
for i = 2, #ARGV, 2 do
  local span, limit = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  longest = math.max(longest, span)
  local frees = limit == 0 and span or 0
  if limit > 0 then
    -- A place comes free when the limit-th youngest event leaves the window.
    local nth = redis.call('ZRANGE', KEYS[1], limit - 1, limit - 1, 'REV', 'WITHSCORES')
    if nth[2] then
      frees = math.min(tonumber(nth[2]) + span - now, span)
    end
  end
  if frees > wait then
    fullest, wait = i / 2 - 1, frees
  end
end
if wait == 0 and ARGV[1] ~= '' then
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - longest)
  redis.call('ZADD', KEYS[1], now, ARGV[1])
  redis.call('PEXPIRE', KEYS[1], longest)
end
return { fullest, wait }
