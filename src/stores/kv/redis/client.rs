//! The client: sends commands to one server or to a Cluster, and reconnects by itself.

use futures_util::{FutureExt as _, TryFutureExt as _, future::BoxFuture};
use redis::{
    Cmd, Pipeline, RedisError, RedisFuture, Value, aio::ConnectionLike,
    cluster::ClusterClientBuilder, cluster_async::ClusterConnection,
};
use tokio::time::timeout;

use super::{
    connect_error::io_error,
    node_connection::NodeConnection,
    timeouts,
    url::{RedisUrl, Topology},
};

/// Clones share the connections.
#[derive(Clone)]
pub(super) enum RedisClient {
    SingleNode(NodeConnection),
    Cluster(ClusterConnection),
}

impl RedisClient {
    /// Connects, and fails if no server answers now.
    ///
    /// The futures are boxed because those of the `redis` crate nest deeper than the compiler's recursion limit.
    pub(super) async fn connect(url: &RedisUrl) -> Result<Self, RedisError> {
        let connecting: BoxFuture<'_, _> = match &url.topology {
            Topology::SingleNode | Topology::Sentinel { .. } => {
                NodeConnection::connect(url).map_ok(Self::SingleNode).boxed()
            }
            Topology::Cluster => connect_cluster(url).map_ok(Self::Cluster).boxed(),
        };
        let connected = timeout(timeouts::STARTUP, connecting).await;
        connected.unwrap_or_else(|_| Err(io_error("no answer in time")))
    }
}

/// The retries are for redirections. A command that is repeated because its response was lost can at most have used a
/// code or taken a permit in vain.
async fn connect_cluster(url: &RedisUrl) -> Result<ClusterConnection, RedisError> {
    let nodes = url.nodes().map(|node| url.connection_info(node));
    let mut builder = ClusterClientBuilder::new(nodes.collect::<Result<Vec<_>, _>>()?)
        .connection_timeout(timeouts::CONNECT)
        .response_timeout(timeouts::RESPONSE)
        .retries(5)
        .min_retry_wait(10)
        .max_retry_wait(100);
    if let Some(certificates) = url.certificates() {
        builder = builder.certs(certificates);
    }
    builder.build()?.get_async_connection().await
}

impl ConnectionLike for RedisClient {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::SingleNode(connection) => connection.req_packed_command(command),
            Self::Cluster(connection) => connection.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::SingleNode(connection) => connection.req_packed_commands(pipeline, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::SingleNode(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}
