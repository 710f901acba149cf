//! What a Redis server tells about itself.

use std::collections::HashMap;

use redis::{RedisError, aio::ConnectionManager};

/// Settings of a Redis server; `None` where it does not tell.
#[derive(Clone, Debug, Default)]
pub struct RedisFacts {
    /// `7.0.15`.
    pub version: String,
    /// `maxmemory-policy`.
    pub policy: Option<String>,
    /// `save`: empty when no snapshots are taken.
    pub save: Option<String>,
    /// `appendonly`: `yes` or `no`.
    pub appendonly: Option<String>,
    /// `appendfsync`: `always`, `everysec` or `no`.
    pub appendfsync: Option<String>,
}

pub(super) async fn read(mut connection: ConnectionManager) -> Result<RedisFacts, RedisError> {
    let info: String = redis::cmd("INFO").arg("server").query_async(&mut connection).await?;
    let version = info.lines().find_map(|it| it.strip_prefix("redis_version:"));
    let mut settings = Vec::new();
    for name in ["maxmemory-policy", "save", "appendonly", "appendfsync"] {
        let answer: Result<HashMap<String, String>, RedisError> =
            redis::cmd("CONFIG").arg("GET").arg(name).query_async(&mut connection).await;
        // Hosted Redis often forbids CONFIG; then there is nothing to tell.
        settings.push(answer.ok().and_then(|mut it| it.remove(name)));
    }
    let [policy, save, appendonly, appendfsync] =
        <[Option<String>; 4]>::try_from(settings).unwrap_or_default();
    let version = version.unwrap_or_default().trim().to_owned();
    Ok(RedisFacts { version, policy, save, appendonly, appendfsync })
}
