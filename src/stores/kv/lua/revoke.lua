-- Removes this code, and no other that has replaced it.
-- KEYS: the code
-- ARGV: seed
if redis.call('HGET', KEYS[1], 'seed') == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
return redis.status_reply('OK')
