-- Tells how long a window stays full. Changes nothing.
-- KEYS: the events
-- ARGV: span (ms) and limit of the window
-- Returns the time until the window has room (ms), 0 if it has room now.
local span, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
if limit == 0 then
  return span
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- The window has room when its limit-th newest event leaves it.
local nth = redis.call('ZRANGE', KEYS[1], limit - 1, limit - 1, 'REV', 'WITHSCORES')
if not nth[2] then
  return 0
end
return math.max(math.min(tonumber(nth[2]) + span - now, span), 0)
