-- Takes a permit from every window of several keys, or from none. Without a permit id it only decides.
-- KEYS: the events of each limit, then the events of whoever asks if a part of the windows is kept for newcomers
-- ARGV: permit id, how long the events of whoever asks are kept (ms, 0 if there is no such key), then for each limit: '1'
-- if its key must have been filled, the number of its windows, and of each window its span (ms), its limit, and how many
-- events in it anybody may cause: the rest is kept for those who have none in it
-- Returns the index of the window that stays full for longest, and for how long (ms): 0 if the permit was taken, -1 if a
-- key was not filled. Then the number of events in each window before.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answer, spans, at = { 0, 0 }, {}, 3
local asker_span, limits = tonumber(ARGV[2]), #KEYS
local last_event
if asker_span > 0 then
  limits = limits - 1
  spans[#KEYS] = asker_span
  -- The newest event of whoever asks that is not this permit.
  local newest = redis.call('ZRANGE', KEYS[#KEYS], 0, 1, 'REV', 'WITHSCORES')
  last_event = tonumber(newest[1] == ARGV[1] and newest[4] or newest[1] ~= ARGV[1] and newest[2])
end
-- Returns the time until a window has room, which is when its limit-th newest event leaves it.
local function until_room(key, span, limit)
  local nth = redis.call('ZRANGE', key, limit - 1, limit - 1, 'REV', 'WITHSCORES')
  return math.min(tonumber(nth[2]) + span - now, span)
end
for number = 1, limits do
  local key = KEYS[number]
  if ARGV[at] == '1' and not redis.call('ZSCORE', key, 'filled') then
    return { 0, -1 }
  end
  local windows = tonumber(ARGV[at + 1])
  at, spans[number] = at + 2, 0
  for _ = 1, windows do
    local span, limit, open = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
    local used = redis.call('ZCOUNT', key, string.format('(%d', now - span), '+inf')
    local wait = 0
    if limit == 0 then
      wait = span
    else
      if used >= limit then
        wait = until_room(key, span, limit)
      end
      if used >= open and last_event and last_event + span > now then
        wait = math.max(wait, math.min(until_room(key, span, open), last_event + span - now))
      end
    end
    if wait > answer[2] then
      answer[1], answer[2] = #answer - 2, wait
    end
    answer[#answer + 1] = used
    at, spans[number] = at + 3, math.max(spans[number], span)
  end
end
if answer[2] == 0 and ARGV[1] ~= '' then
  for number, key in ipairs(KEYS) do
    -- The command that needs memory comes first: a full Redis refuses it only before a script has written anything.
    redis.call('ZADD', key, now, ARGV[1])
    -- The member `filled` has the score 0 and must stay.
    redis.call('ZREMRANGEBYSCORE', key, '(0', now - spans[number])
    redis.call('PEXPIRE', key, spans[number])
  end
end
return answer
