//! The way to Redis: a connection that mends itself, whatever the nodes are.

use std::time::Duration;

use futures_util::{FutureExt as _, TryFutureExt as _, future::BoxFuture};
use redis::{
    Cmd, ErrorKind, Pipeline, RedisError, RedisFuture, Value, aio::ConnectionLike,
    cluster::ClusterClientBuilder, cluster_async::ClusterConnection,
};
use tokio::time::timeout;

use super::{
    node_connection::Server,
    url::{RedisUrl, Way},
};

/// How long connecting may take.
pub(super) const CONNECT: Duration = Duration::from_secs(1);
/// How long an answer may take: a Redis that hangs is an error well before a person gives up.
pub(super) const ANSWER: Duration = Duration::from_millis(500);
/// How long the start waits, also for several nodes that are asked one after another.
const START: Duration = Duration::from_secs(3);

/// Clones share the connections.
#[derive(Clone)]
pub(super) enum Link {
    Server(Server),
    Cluster(ClusterConnection),
}

impl Link {
    /// Connects, and fails if nobody answers now; later it reconnects by itself.
    ///
    /// In boxes, because the futures of the clients are deeper than the compiler likes to look.
    pub(super) async fn connect(address: &RedisUrl) -> Result<Self, RedisError> {
        let connecting: BoxFuture<'_, _> = match &address.way {
            Way::One | Way::Sentinel { .. } => {
                Server::connect(address).map_ok(Self::Server).boxed()
            }
            Way::Cluster => cluster(address).map_ok(Self::Cluster).boxed(),
        };
        timeout(START, connecting).await.unwrap_or_else(|_| Err(failure("no answer in time")))
    }
}

/// The retries are those of the redirected; what is done again because its answer was lost has
/// used up a code, or taken a place, at most.
async fn cluster(address: &RedisUrl) -> Result<ClusterConnection, RedisError> {
    let nodes = address.nodes().map(|it| address.introduced(it));
    let mut builder = ClusterClientBuilder::new(nodes.collect::<Result<Vec<_>, _>>()?)
        .connection_timeout(CONNECT)
        .response_timeout(ANSWER)
        .retries(5)
        .min_retry_wait(10)
        .max_retry_wait(100);
    if let Some(certificates) = address.certificates() {
        builder = builder.certs(certificates);
    }
    builder.build()?.get_async_connection().await
}

pub(super) fn failure(what: &'static str) -> RedisError {
    (ErrorKind::Io, what).into()
}

impl ConnectionLike for Link {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Server(it) => it.req_packed_command(command),
            Self::Cluster(it) => it.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Server(it) => it.req_packed_commands(pipeline, offset, count),
            Self::Cluster(it) => it.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Server(it) => it.get_db(),
            Self::Cluster(it) => it.get_db(),
        }
    }
}
