//! The master that Sentinels name: asked for anew whenever it is lost.

use std::{pin::pin, time::Duration};

use futures_util::future::{Either, select};
use redis::{
    AsyncConnectionConfig, Cmd, ErrorKind, Pipeline, ProtocolVersion, PushInfo, PushKind,
    RedisError, RedisFuture, ServerErrorKind, TlsMode, Value,
    aio::{ConnectionLike, MultiplexedConnection},
    sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType},
};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    address::RedisAddress,
    link::{ANSWER, CONNECT, failure},
};

/// Between two questions to Sentinels that know no master.
const PAUSE: Duration = Duration::from_millis(100);

/// A connection to whoever is master.
#[derive(Clone)]
pub(super) struct Master {
    found: watch::Receiver<Option<Found>>,
    database: i64,
}

/// A connection to one master, until it is lost.
#[derive(Clone)]
struct Found {
    connection: MultiplexedConnection,
    lost: CancellationToken,
}

impl Master {
    /// Finds the master, and keeps finding it until the last clone is gone.
    pub(super) async fn connect(address: &RedisAddress, name: &str) -> Result<Self, RedisError> {
        let mut client = client(address, name)?;
        let first = find(&mut client).await?;
        let (finder, found) = watch::channel(Some(first.clone()));
        tokio::spawn(keep_finding(client, first, finder));
        Ok(Self { found, database: address.introduction().db() })
    }

    /// Waits for a new one no longer than for an answer: requests ask several times.
    async fn found(&self) -> Result<Found, RedisError> {
        let mut found = self.found.clone();
        let is_there = |it: &Option<Found>| it.as_ref().is_some_and(|it| !it.lost.is_cancelled());
        match timeout(ANSWER, found.wait_for(is_there)).await {
            Ok(Ok(found)) => found.clone().ok_or_else(|| failure("no master")),
            Ok(Err(_)) | Err(_) => Err(failure("no master is known")),
        }
    }
}

impl Found {
    /// Takes a master for lost that does not answer, or no longer is one.
    fn judge<T>(&self, answer: Result<T, RedisError>) -> Result<T, RedisError> {
        if answer.as_ref().is_err_and(|it| {
            it.is_io_error()
                || it.is_unrecoverable_error()
                || it.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
        }) {
            self.lost.cancel();
        }
        answer
    }
}

async fn keep_finding(
    mut client: SentinelClient,
    first: Found,
    finder: watch::Sender<Option<Found>>,
) {
    let mut last = first;
    loop {
        match select(pin!(last.lost.cancelled()), pin!(finder.closed())).await {
            Either::Left(_) => log::warn!("event=redis_master_lost"),
            Either::Right(_) => return,
        }
        last = loop {
            match find(&mut client).await {
                Ok(found) => break found,
                Err(_) if finder.is_closed() => return,
                Err(error) => log::debug!("event=redis_master_unknown error={error:?}"),
            }
            sleep(PAUSE).await;
        };
        log::info!("event=redis_master_found");
        finder.send_replace(Some(last.clone()));
    }
}

async fn find(client: &mut SentinelClient) -> Result<Found, RedisError> {
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
    let connection = client.get_async_connection_with_config(&config).await?;
    Ok(Found { connection, lost })
}

fn client(address: &RedisAddress, name: &str) -> Result<SentinelClient, RedisError> {
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

impl ConnectionLike for Master {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(async move {
            let mut found = self.found().await?;
            let answer = found.connection.req_packed_command(command).await;
            found.judge(answer.and_then(Value::extract_error))
        })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(async move {
            let mut found = self.found().await?;
            let answers = found.connection.req_packed_commands(pipeline, offset, count).await;
            found.judge(answers)
        })
    }

    fn get_db(&self) -> i64 {
        self.database
    }
}
