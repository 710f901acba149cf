//! Connections to one server at a time: the node of the URL, or the master that Sentinels name.
//!
//! Each thread has a connection of its own, driven by that thread's runtime, so that no command crosses threads or waits
//! for another thread. A lost connection is opened again in the background.

use std::{
    collections::HashMap,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    thread,
    thread::ThreadId,
    time::Duration,
};

use futures_util::future::{Either, select};
use redis::{
    Cmd, ErrorKind, Pipeline, RedisError, RedisFuture, ServerErrorKind, Value, aio::ConnectionLike,
};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use super::{
    connect_error::io_error,
    connector::{Connection, Connector},
    timeouts,
    url::RedisUrl,
};

/// The pause between two attempts to reconnect.
const RECONNECT_PAUSE: Duration = Duration::from_millis(100);

/// The connections to the server, one for each thread. Clones share them.
#[derive(Clone)]
pub(super) struct NodeConnection {
    url: Arc<RedisUrl>,
    by_thread: Arc<Mutex<HashMap<ThreadId, ThreadConnection>>>,
}

/// The connection of one thread, which a background task of that thread replaces when it is lost.
#[derive(Clone)]
struct ThreadConnection {
    current: watch::Receiver<Option<Connection>>,
}

impl NodeConnection {
    /// Connects this thread, and fails if no server answers. Other threads connect when they first send a command.
    pub(super) async fn connect(url: &RedisUrl) -> Result<Self, RedisError> {
        let mut connector = Connector::new(url)?;
        let connection = connector.connect().await?;
        let first = ThreadConnection::spawn(Some(connection), connector);
        let by_thread = HashMap::from([(thread::current().id(), first)]);
        Ok(Self { url: Arc::new(url.clone()), by_thread: Arc::new(Mutex::new(by_thread)) })
    }

    /// Returns this thread's connection, once there is one that is not known to be lost.
    async fn connection(&self) -> Result<Connection, RedisError> {
        let of_thread = self.of_this_thread()?;
        match of_thread.get() {
            Some(connection) => Ok(connection),
            // Boxed to keep the future of a command small.
            None => Box::pin(of_thread.wait_for_connection()).await,
        }
    }

    fn of_this_thread(&self) -> Result<ThreadConnection, RedisError> {
        let mut by_thread = self.by_thread.lock().unwrap_or_else(PoisonError::into_inner);
        let id = thread::current().id();
        if let Some(connection) = by_thread.get(&id).filter(|found| found.is_maintained()) {
            return Ok(connection.clone());
        }
        by_thread.retain(|_, connection| connection.is_maintained());
        let connection = ThreadConnection::spawn(None, Connector::new(&self.url)?);
        by_thread.insert(id, connection.clone());
        Ok(connection)
    }
}

impl ThreadConnection {
    /// Starts the background task, which ends when the last clone is dropped.
    fn spawn(first: Option<Connection>, connector: Connector) -> Self {
        let (sender, current) = watch::channel(first.clone());
        tokio::spawn(reconnect_forever(connector, first, sender));
        Self { current }
    }

    /// Whether the background task runs. It ends with its runtime, which the thread can outlive.
    fn is_maintained(&self) -> bool {
        self.current.has_changed().is_ok()
    }

    fn get(&self) -> Option<Connection> {
        self.current.borrow().as_ref().filter(|connection| connection.is_alive()).cloned()
    }

    /// Waits for a new connection, for no longer than for a response: one request sends several commands.
    async fn wait_for_connection(mut self) -> Result<Connection, RedisError> {
        let is_alive =
            |connection: &Option<Connection>| connection.as_ref().is_some_and(Connection::is_alive);
        match timeout(timeouts::RESPONSE, self.current.wait_for(is_alive)).await {
            Ok(Ok(connection)) => connection.clone().ok_or_else(|| io_error("no server")),
            Ok(Err(_)) | Err(_) => Err(io_error("no server is known")),
        }
    }
}

impl Connection {
    fn is_alive(&self) -> bool {
        !self.disconnected.is_cancelled()
    }

    /// Passes a response on, and gives the connection up if the server does not answer or is no longer the master.
    fn check_response<T>(&self, response: Result<T, RedisError>) -> Result<T, RedisError> {
        if response.as_ref().is_err_and(|error| {
            error.is_io_error()
                || error.is_unrecoverable_error()
                || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
        }) {
            self.disconnected.cancel();
        }
        response
    }
}

async fn reconnect_forever(
    mut connector: Connector,
    first: Option<Connection>,
    sender: watch::Sender<Option<Connection>>,
) {
    let mut current = first;
    loop {
        if let Some(current) = current {
            match select(pin!(current.disconnected.cancelled()), pin!(sender.closed())).await {
                Either::Left(_) => log::warn!("event=redis_lost"),
                Either::Right(_) => return,
            }
        }
        let connection = loop {
            match connector.connect().await {
                Ok(connection) => break connection,
                Err(_) if sender.is_closed() => return,
                Err(error) => log::debug!("event=redis_not_found error={error:?}"),
            }
            sleep(RECONNECT_PAUSE).await;
        };
        log::debug!("event=redis_found");
        sender.send_replace(Some(connection.clone()));
        current = Some(connection);
    }
}

impl ConnectionLike for NodeConnection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(async move {
            let mut connection = self.connection().await?;
            let response = connection.multiplexed.req_packed_command(command).await;
            connection.check_response(response.and_then(Value::extract_error))
        })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(async move {
            let mut connection = self.connection().await?;
            let responses =
                connection.multiplexed.req_packed_commands(pipeline, offset, count).await;
            connection.check_response(responses)
        })
    }

    fn get_db(&self) -> i64 {
        self.url.connection_settings().db()
    }
}
