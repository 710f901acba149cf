//! Who knows where the server is: its own address, or Sentinels that are asked for the master.

use redis::{
    AsyncConnectionConfig, Client, ProtocolVersion, PushInfo, PushKind, RedisError, TlsMode,
    aio::MultiplexedConnection,
    sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType},
};
use tokio_util::sync::CancellationToken;

use super::{
    client::{ANSWER, CONNECT, failure},
    url::{RedisUrl, Way},
};

/// Opens connections to whoever is the server now.
pub(super) enum Finder {
    Node(Box<Client>),
    Sentinels(Box<SentinelClient>),
}

/// A connection, until it is lost.
#[derive(Clone)]
pub(super) struct Found {
    pub(super) connection: MultiplexedConnection,
    pub(super) lost: CancellationToken,
}

impl Finder {
    pub(super) fn new(address: &RedisUrl) -> Result<Self, RedisError> {
        Ok(if let Way::Sentinel { master } = &address.way {
            Self::Sentinels(Box::new(sentinels(address, master)?))
        } else {
            Self::Node(Box::new(node(address)?))
        })
    }

    pub(super) async fn find(&mut self) -> Result<Found, RedisError> {
        let lost = CancellationToken::new();
        let lost_by_push = lost.clone();
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(ANSWER))
            .set_push_sender(move |push: PushInfo| {
                if push.kind == PushKind::Disconnection {
                    lost_by_push.cancel();
                }
                Ok::<_, RedisError>(())
            });
        let connection = match self {
            Self::Node(it) => it.get_multiplexed_async_connection_with_config(&config).await?,
            Self::Sentinels(it) => it.get_async_connection_with_config(&config).await?,
        };
        Ok(Found { connection, lost })
    }
}

fn node(address: &RedisUrl) -> Result<Client, RedisError> {
    let nodes = address.nodes().map(|it| address.introduced(it));
    let node = nodes.last().unwrap_or_else(|| Err(failure("no node")))?;
    match address.certificates() {
        Some(certificates) => Client::build_with_tls(node, certificates),
        None => Client::open(node),
    }
}

fn sentinels(address: &RedisUrl, name: &str) -> Result<SentinelClient, RedisError> {
    let who = address.introduction();
    let mut builder =
        SentinelClientBuilder::new(address.nodes(), name, SentinelServerType::Master)?
            .set_client_to_sentinel_protocol(ProtocolVersion::RESP3)
            .set_client_to_redis_protocol(ProtocolVersion::RESP3)
            .set_client_to_redis_db(who.db());
    if let Some(user) = who.username() {
        builder = builder.set_client_to_redis_username(user);
    }
    // A Sentinel that asks for no password takes any.
    if let Some(password) = who.password() {
        builder = builder
            .set_client_to_redis_password(password)
            .set_client_to_sentinel_password(password);
    }
    if address.is_tls {
        builder = builder
            .set_client_to_redis_tls_mode(TlsMode::Secure)
            .set_client_to_sentinel_tls_mode(TlsMode::Secure);
    }
    if let Some(certificates) = address.certificates() {
        builder = builder
            .set_client_to_redis_certificates(certificates.clone())
            .set_client_to_sentinel_certificates(certificates);
    }
    builder.build()
}
