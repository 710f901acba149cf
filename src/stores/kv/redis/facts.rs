//! What Redis servers tell about themselves.

use std::collections::HashMap;

use redis::{
    Cmd, FromRedisValue, RedisError,
    cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo},
    from_redis_value,
};

use super::link::Link;

/// Settings of a Redis server; `None` where it does not tell.
#[derive(Clone, Debug, Default)]
pub struct RedisFacts {
    /// `127.0.0.1:7000`; empty where there is only one.
    pub node: String,
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

/// Of the one server, or of every one in a Cluster.
pub(super) async fn read(link: Link) -> Result<Vec<RedisFacts>, RedisError> {
    let mut command = redis::cmd("INFO");
    command.arg("server");
    let told: HashMap<String, String> = ask(&link, command).await?;
    let mut settings: [HashMap<String, String>; 4] = Default::default();
    let names = ["maxmemory-policy", "save", "appendonly", "appendfsync"];
    for (name, values) in names.into_iter().zip(&mut settings) {
        let mut command = redis::cmd("CONFIG");
        command.arg("GET").arg(name);
        // Hosted Redis often forbids CONFIG; then there is nothing to tell.
        let answers = ask::<HashMap<String, String>>(&link, command).await.unwrap_or_default();
        let values_of = |(node, mut it): (_, HashMap<_, _>)| Some((node, it.remove(name)?));
        *values = answers.into_iter().filter_map(values_of).collect();
    }
    let [policy, save, appendonly, appendfsync] = settings;
    let facts = told.into_iter().map(|(node, info)| {
        let version = info.lines().find_map(|it| it.strip_prefix("redis_version:"));
        let set = |it: &HashMap<String, String>| it.get(&node).cloned();
        RedisFacts {
            version: version.unwrap_or_default().trim().to_owned(),
            policy: set(&policy),
            save: set(&save),
            appendonly: set(&appendonly),
            appendfsync: set(&appendfsync),
            node: node.clone(),
        }
    });
    Ok(facts.collect())
}

/// What each node answers.
async fn ask<T: FromRedisValue>(
    link: &Link,
    command: Cmd,
) -> Result<HashMap<String, T>, RedisError> {
    let mut link = link.clone();
    if let Link::Cluster(nodes) = &mut link {
        let everybody = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllNodes, None));
        return Ok(from_redis_value(nodes.route_command(command, everybody).await?)?);
    }
    Ok(HashMap::from([(String::new(), command.query_async(&mut link).await?)]))
}
