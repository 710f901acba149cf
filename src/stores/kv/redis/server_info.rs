//! Version, role and settings of Redis servers.

use std::collections::HashMap;

use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, ProtocolVersion, RedisError,
    cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo},
    from_redis_value,
};

use super::{client::RedisClient, timeouts, url::RedisUrl};

/// The oldest version that has every command that we use; the newest of them is `GETDEL`.
const MIN_VERSION: (u32, u32) = (6, 2);

/// Version, role and settings of one server. A setting is `None` if the server does not tell it.
#[derive(Clone, Debug, Default)]
pub struct RedisServerInfo {
    /// The node's address in a Cluster, such as `127.0.0.1:7000`. Empty for a single server.
    pub node: String,
    /// The version, such as `7.0.15`.
    pub version: String,
    /// Whether the server is a replica, which accepts no writes.
    pub is_replica: bool,
    /// `maxmemory-policy`.
    pub maxmemory_policy: Option<String>,
    /// `save`. Empty if no snapshots are taken.
    pub save: Option<String>,
    /// `appendonly`: `yes` or `no`.
    pub appendonly: Option<String>,
    /// `appendfsync`: `always`, `everysec` or `no`.
    pub appendfsync: Option<String>,
}

impl RedisServerInfo {
    /// Parses the answer to `INFO`.
    fn parse(node: String, info: &str) -> Self {
        let value = |name: &str| info.lines().find_map(|line| line.strip_prefix(name));
        Self {
            node,
            version: value("redis_version:").unwrap_or_default().trim().to_owned(),
            is_replica: value("role:").is_some_and(|role| role.trim() == "slave"),
            ..Self::default()
        }
    }

    /// Explains to the operator why the server cannot be used. `None` if it can.
    pub fn refusal(&self) -> Option<String> {
        let mut numbers = self.version.split('.').map(|number| number.parse().unwrap_or(0));
        let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        if !self.version.is_empty() && version < MIN_VERSION {
            return Some(format!("is version {}: 6.2 or newer is needed", self.version));
        }
        // In a Cluster replicas are expected: commands are sent to the masters.
        let is_replica = self.is_replica && self.node.is_empty();
        is_replica.then(|| {
            "is a replica, which takes no writes: name its master, or the Sentinels that know it".to_owned()
        })
    }
}

/// Reads the version of a server older than 6.0, which does not know the protocol that we use otherwise.
pub(super) async fn read_from_old_server(url: &RedisUrl) -> Option<RedisServerInfo> {
    let mut node = url.connection_info(url.nodes().next()?).ok()?;
    node = node
        .clone()
        .set_redis_settings(node.redis_settings().clone().set_protocol(ProtocolVersion::RESP2));
    let client = match url.certificates() {
        Some(certificates) => Client::build_with_tls(node, certificates),
        None => Client::open(node),
    };
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(timeouts::CONNECT))
        .set_response_timeout(Some(timeouts::RESPONSE));
    let connected = client.ok()?.get_multiplexed_async_connection_with_config(&config).await;
    let info: String = redis::cmd("INFO").query_async(&mut connected.ok()?).await.ok()?;
    Some(RedisServerInfo::parse(String::new(), &info))
}

/// Reads version and role of the only server, or of each node of a Cluster.
pub(super) async fn read_each(client: &RedisClient) -> Result<Vec<RedisServerInfo>, RedisError> {
    let by_node: HashMap<String, String> = query_nodes(client, redis::cmd("INFO")).await?;
    Ok(by_node.into_iter().map(|(node, info)| RedisServerInfo::parse(node, &info)).collect())
}

/// Reads version, role and settings of the only server, or of each node of a Cluster.
pub(super) async fn read_with_settings(
    client: RedisClient,
) -> Result<Vec<RedisServerInfo>, RedisError> {
    let servers = read_each(&client).await?;
    let mut settings: [HashMap<String, String>; 4] = Default::default();
    let names = ["maxmemory-policy", "save", "appendonly", "appendfsync"];
    for (name, by_node) in names.into_iter().zip(&mut settings) {
        let mut command = redis::cmd("CONFIG");
        command.arg("GET").arg(name);
        // Hosted Redis often forbids CONFIG. Then the settings stay unknown.
        let answers =
            query_nodes::<HashMap<String, String>>(&client, command).await.unwrap_or_default();
        let value_of = |(node, mut answer): (_, HashMap<_, _>)| Some((node, answer.remove(name)?));
        *by_node = answers.into_iter().filter_map(value_of).collect();
    }
    let [maxmemory_policy, save, appendonly, appendfsync] = settings;
    let servers = servers.into_iter().map(|server| {
        let setting = |by_node: &HashMap<String, String>| by_node.get(&server.node).cloned();
        RedisServerInfo {
            maxmemory_policy: setting(&maxmemory_policy),
            save: setting(&save),
            appendonly: setting(&appendonly),
            appendfsync: setting(&appendfsync),
            ..server
        }
    });
    Ok(servers.collect())
}

/// Sends a command to every node, and returns the answers by the node's address.
async fn query_nodes<T: FromRedisValue>(
    client: &RedisClient,
    command: Cmd,
) -> Result<HashMap<String, T>, RedisError> {
    let mut client = client.clone();
    if let RedisClient::Cluster(nodes) = &mut client {
        let all_nodes = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllNodes, None));
        return Ok(from_redis_value(nodes.route_command(command, all_nodes).await?)?);
    }
    Ok(HashMap::from([(String::new(), command.query_async(&mut client).await?)]))
}
