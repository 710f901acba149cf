//! Time that a test moves forward instead of waiting.

use std::time::Duration;

use haoma::domain::clock::Clock;

/// The clock of the Haomas of one home, and their Redis, which has a clock of its own.
#[derive(Clone, Default)]
pub struct TestClock {
    /// What Haoma reads.
    pub clock: Clock,
    /// The Redis beside it, which no other test uses.
    pub redis: Option<String>,
}

/// Makes everything in a Redis older: what Haoma measures with the time of Redis stands in the scores of sorted
/// sets and in these fields of hashes, and all keys expire.
const AGE: &str = r"
local by = tonumber(ARGV[1])
for _, key in ipairs(redis.call('KEYS', '*')) do
  local kind = redis.call('TYPE', key).ok
  if kind == 'zset' then
    local events = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
    for at = 1, #events, 2 do
      -- What marks a filled key lies at 0, before all time.
      if tonumber(events[at + 1]) > 0 then
        redis.call('ZINCRBY', key, -by, events[at])
      end
    end
  elseif kind == 'hash' then
    for _, field in ipairs({ 'made', 'first_until', 'second_until', 'risen' }) do
      if tonumber(redis.call('HGET', key, field) or 0) > 0 then
        redis.call('HINCRBY', key, field, -by)
      end
    end
  end
  local left = redis.call('PTTL', key)
  if left > by then
    redis.call('PEXPIRE', key, left - by)
  else
    redis.call('DEL', key)
  end
end
";

impl TestClock {
    /// Time beside this Redis, or beside none.
    pub fn beside(redis: Option<&str>) -> Self {
        Self { clock: Clock::default(), redis: redis.map(str::to_owned) }
    }

    /// Moves the time forward for Haoma and for what is in its Redis.
    pub async fn advance(&self, by: Duration) {
        self.clock.advance(by);
        let Some(url) = &self.redis else { return };
        let nodes: Vec<String> = match url.strip_prefix("redis+cluster://") {
            Some(nodes) => nodes.split(',').map(|node| format!("redis://{node}")).collect(),
            None => vec![url.clone()],
        };
        let milliseconds = u64::try_from(by.as_millis()).expect("a short time");
        for node in nodes {
            let client = redis::Client::open(node).expect("an address");
            let mut node = client.get_multiplexed_async_connection().await.expect("a Redis");
            let mut age = redis::cmd("EVAL");
            age.arg(AGE).arg(0).arg(milliseconds);
            age.query_async::<()>(&mut node).await.expect("aged");
        }
    }
}
