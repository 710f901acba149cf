//! What Redis servers tell about themselves.

use std::collections::HashMap;

use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, ProtocolVersion, RedisError,
    cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo},
    from_redis_value,
};

use super::{
    client::{ANSWER, CONNECT, Link},
    url::RedisUrl,
};

/// The oldest Redis that has every command in use (`GETDEL`).
const OLDEST: (u32, u32) = (6, 2);

/// Settings of a Redis server; `None` where it does not tell.
#[derive(Clone, Debug, Default)]
pub struct RedisServerInfo {
    /// `127.0.0.1:7000`; empty where there is only one.
    pub node: String,
    /// `7.0.15`.
    pub version: String,
    /// Whether it repeats another one's writes, and takes none itself.
    pub is_replica: bool,
    /// `maxmemory-policy`.
    pub policy: Option<String>,
    /// `save`: empty when no snapshots are taken.
    pub save: Option<String>,
    /// `appendonly`: `yes` or `no`.
    pub appendonly: Option<String>,
    /// `appendfsync`: `always`, `everysec` or `no`.
    pub appendfsync: Option<String>,
}

impl RedisServerInfo {
    /// What one server says to `INFO`.
    fn of_info(node: String, info: &str) -> Self {
        let value = |name: &str| info.lines().find_map(|line| line.strip_prefix(name));
        Self {
            node,
            version: value("redis_version:").unwrap_or_default().trim().to_owned(),
            is_replica: value("role:").is_some_and(|role| role.trim() == "slave"),
            ..Self::default()
        }
    }

    /// Why it cannot be used at all, for people; `None` where it can.
    pub fn refusal(&self) -> Option<String> {
        let mut numbers = self.version.split('.').map(|number| number.parse().unwrap_or(0));
        let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        if !self.version.is_empty() && version < OLDEST {
            return Some(format!("is version {}: 6.2 or newer is needed", self.version));
        }
        // A Cluster has replicas beside its masters, and we ask the masters.
        let is_replica = self.is_replica && self.node.is_empty();
        is_replica.then(|| {
            "is a replica, which takes no writes: name its master, or the Sentinels that know it".to_owned()
        })
    }
}

/// What a server older than 6.0 says, which does not know the protocol that is spoken otherwise.
pub(super) async fn of_old_server(address: &RedisUrl) -> Option<RedisServerInfo> {
    let mut node = address.introduced(address.nodes().next()?).ok()?;
    node = node
        .clone()
        .set_redis_settings(node.redis_settings().clone().set_protocol(ProtocolVersion::RESP2));
    let client = match address.certificates() {
        Some(certificates) => Client::build_with_tls(node, certificates),
        None => Client::open(node),
    };
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT))
        .set_response_timeout(Some(ANSWER));
    let connected = client.ok()?.get_multiplexed_async_connection_with_config(&config).await;
    let info: String = redis::cmd("INFO").query_async(&mut connected.ok()?).await.ok()?;
    Some(RedisServerInfo::of_info(String::new(), &info))
}

/// The version and the role of the one server, or of every one in a Cluster.
pub(super) async fn of_each(link: &Link) -> Result<Vec<RedisServerInfo>, RedisError> {
    let told: HashMap<String, String> = ask(link, redis::cmd("INFO")).await?;
    Ok(told.into_iter().map(|(node, info)| RedisServerInfo::of_info(node, &info)).collect())
}

/// The same with their settings.
pub(super) async fn read(link: Link) -> Result<Vec<RedisServerInfo>, RedisError> {
    let told = of_each(&link).await?;
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
    let facts = told.into_iter().map(|of_info| {
        let set = |it: &HashMap<String, String>| it.get(&of_info.node).cloned();
        RedisServerInfo {
            policy: set(&policy),
            save: set(&save),
            appendonly: set(&appendonly),
            appendfsync: set(&appendfsync),
            ..of_info
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
