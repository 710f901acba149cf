//! The one server there is, as long as it is: the node of the address, or the master that Sentinels name.
//!
//! Each thread has a connection of its own, driven by that thread's runtime: no command crosses threads,
//! and none of them waits for another's. It is found anew as soon as it is lost.

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
    client::{ANSWER, failure},
    connector::{Finder, Found},
    url::RedisUrl,
};

/// Between two attempts to find a server that is gone.
const PAUSE: Duration = Duration::from_millis(100);

/// Connections to the server, one a thread. A clone shares them.
#[derive(Clone)]
pub(super) struct Server {
    address: Arc<RedisUrl>,
    lines: Arc<Mutex<HashMap<ThreadId, Line>>>,
}

/// One thread's connection.
#[derive(Clone)]
struct Line {
    found: watch::Receiver<Option<Found>>,
}

impl Server {
    /// Connects this thread, and fails if nobody answers; others connect when they first ask.
    pub(super) async fn connect(address: &RedisUrl) -> Result<Self, RedisError> {
        let mut finder = Finder::new(address)?;
        let line = Line::keep(Some(finder.find().await?), finder);
        let lines = HashMap::from([(thread::current().id(), line)]);
        Ok(Self { address: Arc::new(address.clone()), lines: Arc::new(Mutex::new(lines)) })
    }

    /// A connection, of which nobody has heard yet that it is lost.
    async fn found(&self) -> Result<Found, RedisError> {
        let line = self.line()?;
        match line.found_already() {
            Some(found) => Ok(found),
            // In a box, so that a command does not carry the room for it.
            None => Box::pin(line.found()).await,
        }
    }

    fn line(&self) -> Result<Line, RedisError> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let thread = thread::current().id();
        if let Some(line) = lines.get(&thread).filter(|it| it.is_kept()) {
            return Ok(line.clone());
        }
        lines.retain(|_, it| it.is_kept());
        let line = Line::keep(None, Finder::new(&self.address)?);
        lines.insert(thread, line.clone());
        Ok(line)
    }
}

impl Line {
    /// Finds the server whenever it is lost, until the last clone is gone.
    fn keep(first: Option<Found>, finder: Finder) -> Self {
        let (sender, found) = watch::channel(first.clone());
        tokio::spawn(keep_finding(finder, first, sender));
        Self { found }
    }

    /// Whether somebody still looks for the server: the runtime may have ended, and its thread go on.
    fn is_kept(&self) -> bool {
        self.found.has_changed().is_ok()
    }

    fn found_already(&self) -> Option<Found> {
        self.found.borrow().as_ref().filter(|it| it.is_there()).cloned()
    }

    /// Waits for a new one no longer than for an answer: requests ask several times.
    async fn found(mut self) -> Result<Found, RedisError> {
        let is_there = |it: &Option<Found>| it.as_ref().is_some_and(Found::is_there);
        match timeout(ANSWER, self.found.wait_for(is_there)).await {
            Ok(Ok(found)) => found.clone().ok_or_else(|| failure("no server")),
            Ok(Err(_)) | Err(_) => Err(failure("no server is known")),
        }
    }
}

impl Found {
    fn is_there(&self) -> bool {
        !self.lost.is_cancelled()
    }

    /// Takes a server for lost that does not answer, or no longer is the master.
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
    mut finder: Finder,
    first: Option<Found>,
    sender: watch::Sender<Option<Found>>,
) {
    let mut last = first;
    loop {
        if let Some(last) = last {
            match select(pin!(last.lost.cancelled()), pin!(sender.closed())).await {
                Either::Left(_) => log::warn!("event=redis_lost"),
                Either::Right(_) => return,
            }
        }
        let found = loop {
            match finder.find().await {
                Ok(found) => break found,
                Err(_) if sender.is_closed() => return,
                Err(error) => log::debug!("event=redis_not_found error={error:?}"),
            }
            sleep(PAUSE).await;
        };
        log::debug!("event=redis_found");
        sender.send_replace(Some(found.clone()));
        last = Some(found);
    }
}

impl ConnectionLike for Server {
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
        self.address.introduction().db()
    }
}
