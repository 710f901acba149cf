-- Judges by the newest operations whether a key gets another level, and tells the level. Changes nothing else.
-- KEYS: the started operations, the completed ones, the level
-- ARGV: minimum age of a judged operation (ms), size of the sample, number of operations that are needed, percentage of
-- them that has to be completed, how long the levels 1 and 2 last (ms), minimum time between two rises (ms), maximum age
-- of a judged operation (ms), number of operations that are stored at most
-- Returns the level, the time until it ends (ms), why it is another one than last time (0: it is not, 1: a judgement, 2:
-- the former level has ended), the operations in the sample, how many of them were completed, and how many operations of
-- the last hour were completed (at level 2 only).
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local latest, sample, needed, percent = now - tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local first_span, second_span, gap, max_age = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local stored = redis.call('HMGET', KEYS[3], 'first_until', 'second_until', 'risen', 'announced')
local first_until, second_until = tonumber(stored[1] or 0), tonumber(stored[2] or 0)
local risen, announced = tonumber(stored[3] or 0), tonumber(stored[4] or 0)
local function level()
  return now < second_until and 2 or now < first_until and 1 or 0
end
local before, is_judged = level(), false
local from = string.format('(%d', math.max(risen, now - max_age))
local total = redis.call('ZCOUNT', KEYS[1], from, latest)
if total > sample then
  from = redis.call('ZREVRANGEBYSCORE', KEYS[1], latest, from, 'WITHSCORES', 'LIMIT', sample - 1, 1)[2]
  total = redis.call('ZCOUNT', KEYS[1], from, latest)
end
local completed = total > 0 and redis.call('ZCOUNT', KEYS[2], from, latest) or 0
if total >= needed then
  if completed * 100 >= total * percent then
    is_judged = before > 0
    first_until, second_until = 0, 0
  elseif before == 0 then
    is_judged = true
    first_until, risen = now + first_span, now
  elseif now - risen >= gap then
    is_judged = true
    second_until = now + second_span
    first_until, risen = second_until + first_span, now
  end
end
local after = level()
local change = after ~= announced and (is_judged and 1 or 2) or 0
if is_judged or change ~= 0 then
  redis.call('HSET', KEYS[3], 'first_until', first_until, 'second_until', second_until, 'risen', risen, 'announced', after)
  redis.call('PEXPIRE', KEYS[3], math.max(first_until - now, 0) + max_age)
end
local hour, recent = 3600000, 0
if after == 2 then
  recent = redis.call('ZCOUNT', KEYS[2], now - hour, '+inf')
  local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
  local span = now - tonumber(oldest or 0)
  if span < hour and redis.call('ZCOUNT', KEYS[1], '-inf', '+inf') >= tonumber(ARGV[9]) then
    recent = math.floor(recent * hour / math.max(span, 1))
  end
end
local ends_in = after == 2 and second_until - now or after == 1 and first_until - now or 0
return { after, ends_in, change, total, completed, recent }
