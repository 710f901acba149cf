-- Takes a place in every rolling window of several keys at once, or in none.
-- KEYS: their events · ARGV: ticket ('' only asks), then of each key: '1' if it must have been filled, the
-- number of its windows, and span (ms) and limit of each
-- Answers the index of the window that stays full for longest and for how long (ms): 0 when granted, -1 when
-- a key was not filled; then how many events each window held.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answer, spans, at = { 0, 0 }, {}, 2
for number, key in ipairs(KEYS) do
  if ARGV[at] == '1' and not redis.call('ZSCORE', key, 'filled') then
    return { 0, -1 }
  end
  local windows = tonumber(ARGV[at + 1])
  at, spans[number] = at + 2, 0
  for _ = 1, windows do
    local span, limit = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
    local used = redis.call('ZCOUNT', key, string.format('(%d', now - span), '+inf')
    local frees = 0
    if limit == 0 then
      frees = span
    elseif used >= limit then
      -- A place comes free when the limit-th youngest event leaves the window.
      local nth = redis.call('ZRANGE', key, limit - 1, limit - 1, 'REV', 'WITHSCORES')
      frees = math.min(tonumber(nth[2]) + span - now, span)
    end
    if frees > answer[2] then
      answer[1], answer[2] = #answer - 2, frees
    end
    answer[#answer + 1] = used
    at, spans[number] = at + 2, math.max(spans[number], span)
  end
end
if answer[2] == 0 and ARGV[1] ~= '' then
  for number, key in ipairs(KEYS) do
    -- First what needs memory: a full Redis lets a script go on that has removed something.
    redis.call('ZADD', key, now, ARGV[1])
    -- What marks a filled key lies at 0, before all time.
    redis.call('ZREMRANGEBYSCORE', key, '(0', now - spans[number])
    redis.call('PEXPIRE', key, spans[number])
  end
end
return answer
