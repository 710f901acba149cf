//! Opens connections to the server at a fixed address, or to the master that Sentinels name.

use redis::{
    AsyncConnectionConfig, Client, ProtocolVersion, PushInfo, PushKind, RedisError, TlsMode,
    aio::MultiplexedConnection,
    sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType},
};
use tokio_util::sync::CancellationToken;

use super::{
    connect_error::io_error,
    timeouts,
    url::{RedisUrl, Topology},
};

/// Opens connections to the one server, or to whichever server is the master at that moment.
pub(super) enum Connector {
    SingleNode(Box<Client>),
    Sentinels(Box<SentinelClient>),
}

/// An open connection. Clones share it.
#[derive(Clone)]
pub(super) struct Connection {
    pub(super) multiplexed: MultiplexedConnection,
    /// Cancelled when the connection is lost, or when it must be replaced.
    pub(super) disconnected: CancellationToken,
}

impl Connector {
    pub(super) fn new(url: &RedisUrl) -> Result<Self, RedisError> {
        Ok(if let Topology::Sentinel { master } = &url.topology {
            Self::Sentinels(Box::new(sentinel_client(url, master)?))
        } else {
            Self::SingleNode(Box::new(node_client(url)?))
        })
    }

    pub(super) async fn connect(&mut self) -> Result<Connection, RedisError> {
        let disconnected = CancellationToken::new();
        let on_push = disconnected.clone();
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(timeouts::CONNECT))
            .set_response_timeout(Some(timeouts::RESPONSE))
            .set_push_sender(move |push: PushInfo| {
                if push.kind == PushKind::Disconnection {
                    on_push.cancel();
                }
                Ok::<_, RedisError>(())
            });
        let multiplexed = match self {
            Self::SingleNode(client) => {
                client.get_multiplexed_async_connection_with_config(&config).await?
            }
            Self::Sentinels(client) => client.get_async_connection_with_config(&config).await?,
        };
        Ok(Connection { multiplexed, disconnected })
    }
}

fn node_client(url: &RedisUrl) -> Result<Client, RedisError> {
    let nodes = url.nodes().map(|node| url.connection_info(node));
    let node = nodes.last().unwrap_or_else(|| Err(io_error("no node")))?;
    match url.certificates() {
        Some(certificates) => Client::build_with_tls(node, certificates),
        None => Client::open(node),
    }
}

fn sentinel_client(url: &RedisUrl, master: &str) -> Result<SentinelClient, RedisError> {
    let settings = url.connection_settings();
    let mut builder = SentinelClientBuilder::new(url.nodes(), master, SentinelServerType::Master)?
        .set_client_to_sentinel_protocol(ProtocolVersion::RESP3)
        .set_client_to_redis_protocol(ProtocolVersion::RESP3)
        .set_client_to_redis_db(settings.db());
    if let Some(user) = settings.username() {
        builder = builder.set_client_to_redis_username(user);
    }
    // A Sentinel without a password accepts any password, so it is always sent.
    if let Some(password) = settings.password() {
        builder = builder
            .set_client_to_redis_password(password)
            .set_client_to_sentinel_password(password);
    }
    if url.is_tls {
        builder = builder
            .set_client_to_redis_tls_mode(TlsMode::Secure)
            .set_client_to_sentinel_tls_mode(TlsMode::Secure);
    }
    if let Some(certificates) = url.certificates() {
        builder = builder
            .set_client_to_redis_certificates(certificates.clone())
            .set_client_to_sentinel_certificates(certificates);
    }
    builder.build()
}
