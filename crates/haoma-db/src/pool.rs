//! The pool of connections, of either kind, and the permits to use one.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    Connection, Error, Observer, OpenError, WorkError, mysql::MysqlPool, retry::Failure,
    sqlite::SqlitePool, url::DatabaseUrl,
};

/// The pool. Clones share its connections.
#[derive(Clone)]
pub(crate) struct Pool {
    connections: Connections,
    /// One permit for each connection. Callers queue here, first come, first served.
    permits: Arc<Semaphore>,
    size: u32,
}

#[derive(Clone)]
enum Connections {
    Mysql(Arc<MysqlPool>),
    Sqlite(SqlitePool),
}

impl Pool {
    /// Opens one connection now and at most `size` later.
    pub(crate) async fn open(url: &DatabaseUrl, size: u32) -> Result<Self, OpenError> {
        let permits = usize::try_from(size).unwrap_or(Semaphore::MAX_PERMITS);
        let connections = match url.clone() {
            DatabaseUrl::Mysql(server) => {
                Connections::Mysql(Arc::new(MysqlPool::open(server, permits).await?))
            }
            DatabaseUrl::Sqlite(path) => Connections::Sqlite(SqlitePool::open(path, size).await?),
        };
        Ok(Self { connections, permits: Arc::new(Semaphore::new(permits)), size })
    }

    /// Returns how many permits are taken, and how many there are.
    pub(crate) fn in_use(&self) -> (u32, u32) {
        let free = u32::try_from(self.permits.available_permits()).unwrap_or(self.size);
        (self.size.saturating_sub(free), self.size)
    }

    /// Waits for a permit.
    pub(crate) async fn permit(&self) -> Result<OwnedSemaphorePermit, Error> {
        Ok(Arc::clone(&self.permits).acquire_owned().await?)
    }

    /// Runs the work on a connection, for a caller that has a permit.
    ///
    /// If this future is dropped, a connection to MySQL is closed. On SQLite the thread goes on, and keeps the permit.
    pub(crate) async fn run<T: Send + 'static, E: WorkError>(
        &self,
        permit: &Arc<OwnedSemaphorePermit>,
        observer: &dyn Observer,
        work: impl AsyncFn(&mut Connection) -> Result<T, Failure<E>> + Send + 'static,
    ) -> Result<T, Failure<E>> {
        match &self.connections {
            Connections::Mysql(pool) => pool.run(work).await,
            Connections::Sqlite(pool) => pool.run(Arc::clone(permit), observer, work).await,
        }
    }
}
