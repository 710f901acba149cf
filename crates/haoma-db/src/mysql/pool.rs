//! The pool of connections to a MySQL server.
//!
//! A connection belongs to the thread that opened it: that thread's runtime is woken by the server's answers, so a
//! call on the same thread wakes no other. Another thread takes it only when no more connections may be opened.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    thread::ThreadId,
    time::Duration,
};

use tokio::time::{Instant, sleep, timeout};

use super::{connect, connect_error::explain};
use crate::{
    ACQUIRE_TIMEOUT, Connection, OpenError, WorkError, log_throttle::OutageLog, retry::Failure,
    url::MysqlUrl,
};

/// A connection that was used this recently is taken to be alive; an older one is pinged first.
const PING_AFTER: Duration = Duration::from_secs(5);

/// A read-only error on a connection younger than this is no sign of a failover: the server was read-only already.
const MIN_AGE_FOR_FAILOVER: Duration = Duration::from_secs(1);

/// How long a ping may take.
const PING_TIMEOUT: Duration = Duration::from_millis(500);

/// An idle connection is closed after this time.
const MAX_IDLE: Duration = Duration::from_mins(10);

/// Any connection is closed at this age: the host name may lead to another server by then.
const MAX_LIFETIME: Duration = Duration::from_mins(30);

/// Pause between two attempts to connect.
const RECONNECT_PAUSE: Duration = Duration::from_millis(100);

/// Connections to one server.
pub(crate) struct MysqlPool {
    server: MysqlUrl,
    max_open: usize,
    /// Connections that are open, idle or in use, or being opened.
    open: Arc<AtomicUsize>,
    idle: Mutex<Vec<PooledConnection>>,
    /// Grows when a connection turns out to be dead; connections from before are then pinged before their next use.
    health_epoch: AtomicU64,
    /// Grows when a server becomes read-only; idle connections from before are then closed.
    failover_epoch: AtomicU64,
    outage_log: OutageLog,
}

/// A connection and what the pool knows of it. Dropping it closes the connection.
struct PooledConnection {
    connection: Connection,
    opened_by: ThreadId,
    opened_at: Instant,
    last_used_at: Instant,
    health_epoch: u64,
    failover_epoch: u64,
    _slot: OpenSlot,
}

/// Counts one open connection; dropped together with it.
struct OpenSlot(Arc<AtomicUsize>);

/// The connection that a caller gets from the pool, or the right to open one.
enum Checkout {
    /// An idle connection.
    Reuse(PooledConnection),
    /// The right to open another.
    Open(OpenSlot),
}

impl MysqlPool {
    /// Opens one connection now and at most `max_open` later.
    pub(crate) async fn open(server: MysqlUrl, max_open: usize) -> Result<Self, OpenError> {
        let pool = Self {
            server,
            max_open,
            open: Arc::default(),
            idle: Mutex::default(),
            health_epoch: AtomicU64::default(),
            failover_epoch: AtomicU64::default(),
            outage_log: OutageLog::default(),
        };
        let first = pool.connect(OpenSlot::new(&pool.open)).await?;
        pool.put_back(first);
        Ok(pool)
    }

    /// Runs the work on a connection. At most `max_open` callers may be in here at once.
    ///
    /// If this future is dropped, so is the connection, because its protocol state is then unknown.
    pub(crate) async fn run<T, E: WorkError>(
        &self,
        work: impl AsyncFn(&mut Connection) -> Result<T, Failure<E>>,
    ) -> Result<T, Failure<E>> {
        let mut pooled = self.take().await.map_err(Failure::fatal)?;
        let outcome = work(&mut pooled.connection).await;
        self.put_back(pooled);
        outcome
    }

    /// Returns a connection that is alive, as far as can be known.
    async fn take(&self) -> Result<PooledConnection, OpenError> {
        let started = Instant::now();
        loop {
            match self.check_out() {
                Checkout::Reuse(mut pooled) => {
                    if self.is_alive(&mut pooled).await {
                        return Ok(pooled);
                    }
                }
                Checkout::Open(slot) => match self.connect(slot).await {
                    Ok(pooled) => return Ok(pooled),
                    Err(error) => {
                        self.outage_log.report(&error);
                        if started.elapsed() + RECONNECT_PAUSE > ACQUIRE_TIMEOUT {
                            return Err(error);
                        }
                        sleep(RECONNECT_PAUSE).await;
                    }
                },
            }
        }
    }

    /// Takes a connection back after use, unless it can be used no longer.
    fn put_back(&self, mut pooled: PooledConnection) {
        if pooled.connection.is_read_only() && pooled.opened_at.elapsed() > MIN_AGE_FOR_FAILOVER {
            self.failover_epoch.fetch_add(1, Ordering::Relaxed);
        }
        if pooled.connection.is_broken() {
            self.health_epoch.fetch_add(1, Ordering::Relaxed);
        } else {
            pooled.last_used_at = Instant::now();
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(pooled);
        }
    }

    /// Prefers this thread's most recently used connection, then a new one, then the one that has been idle longest.
    fn check_out(&self) -> Checkout {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let (failover_epoch, now) = (self.failover_epoch.load(Ordering::Relaxed), Instant::now());
        idle.retain(|pooled| pooled.failover_epoch == failover_epoch && !pooled.is_expired(now));
        let this_thread = thread::current().id();
        if let Some(own) = idle.iter().rposition(|pooled| pooled.opened_by == this_thread) {
            return Checkout::Reuse(idle.remove(own));
        }
        // Each caller has one of `max_open` permits and uses one connection at a time. So when none is idle, fewer than
        // `max_open` are open, and no caller ever waits here.
        if idle.is_empty() || self.open.load(Ordering::Acquire) < self.max_open {
            Checkout::Open(OpenSlot::new(&self.open))
        } else {
            Checkout::Reuse(idle.remove(0))
        }
    }

    async fn is_alive(&self, pooled: &mut PooledConnection) -> bool {
        let health_epoch = self.health_epoch.load(Ordering::Relaxed);
        if pooled.health_epoch == health_epoch && pooled.last_used_at.elapsed() < PING_AFTER {
            return true;
        }
        pooled.health_epoch = health_epoch;
        matches!(timeout(PING_TIMEOUT, pooled.connection.ping()).await, Ok(Ok(())))
    }

    async fn connect(&self, slot: OpenSlot) -> Result<PooledConnection, OpenError> {
        let health_epoch = self.health_epoch.load(Ordering::Relaxed);
        let failover_epoch = self.failover_epoch.load(Ordering::Relaxed);
        let opened = connect::open(self.server.options()).await;
        let opened = opened.map_err(|error| explain(&self.server, &error))?;
        let now = Instant::now();
        Ok(PooledConnection {
            connection: Connection::from(opened),
            opened_by: thread::current().id(),
            opened_at: now,
            last_used_at: now,
            health_epoch,
            failover_epoch,
            _slot: slot,
        })
    }
}

impl PooledConnection {
    fn is_expired(&self, now: Instant) -> bool {
        now.duration_since(self.last_used_at) > MAX_IDLE
            || now.duration_since(self.opened_at) > MAX_LIFETIME
    }
}

impl OpenSlot {
    fn new(open: &Arc<AtomicUsize>) -> Self {
        open.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(open))
    }
}

impl Drop for OpenSlot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
