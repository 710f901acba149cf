-- Takes a permit from every window of several keys, or from none.
-- KEYS: the events of each limit
-- ARGV: permit id, then for each key: '1' if it must have been filled, the number of its windows, and span (ms) and
-- limit of each window
-- Returns the index of the window that stays full for longest, and for how long (ms): 0 if the permit was taken, -1 if a
-- key was not filled. Then the number of events in each window before.
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
    local wait = 0
    if limit == 0 then
      wait = span
    elseif used >= limit then
      -- The window has room when its limit-th newest event leaves it.
      local nth = redis.call('ZRANGE', key, limit - 1, limit - 1, 'REV', 'WITHSCORES')
      wait = math.min(tonumber(nth[2]) + span - now, span)
    end
    if wait > answer[2] then
      answer[1], answer[2] = #answer - 2, wait
    end
    answer[#answer + 1] = used
    at, spans[number] = at + 2, math.max(spans[number], span)
  end
end
if answer[2] == 0 then
  for number, key in ipairs(KEYS) do
    -- The command that needs memory comes first: a full Redis refuses it only before a script has written anything.
    redis.call('ZADD', key, now, ARGV[1])
    -- The member `filled` has the score 0 and must stay.
    redis.call('ZREMRANGEBYSCORE', key, '(0', now - spans[number])
    redis.call('PEXPIRE', key, spans[number])
  end
end
return answer
