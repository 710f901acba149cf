//! The pool of connections to a SQLite file. Each call runs on a thread that may block.

use std::{path::PathBuf, sync::Arc};

use diesel::r2d2::{ManageConnection, Pool};
use futures_util::FutureExt as _;
use tokio::{sync::OwnedSemaphorePermit, task::spawn_blocking};

use super::open::open;
use crate::{
    errors::Error,
    logging::in_request_scope_blocking,
    stores::{
        OpenError,
        db::{ACQUIRE_TIMEOUT, connection::Connection, log_throttle::OutageLog, retry::Failure},
    },
};

/// Connections to one file. Clones share them.
#[derive(Clone)]
pub(in crate::stores::db) struct SqlitePool(Pool<Manager>);

/// Opens connections for r2d2.
struct Manager(PathBuf);

impl SqlitePool {
    /// Opens one connection now and at most `max_open` later.
    pub(in crate::stores::db) async fn open(
        path: PathBuf,
        max_open: u32,
    ) -> Result<Self, OpenError> {
        let manager = Manager(path.clone());
        // r2d2 would try again, and not say why it fails.
        let opened = spawn_blocking(move || open(&path).map(drop)).await;
        opened.unwrap_or_else(|_| {
            Err(OpenError::refused("DATABASE_URL: opening the file panicked"))
        })?;
        let pool = Pool::builder()
            .max_size(max_open)
            .min_idle(Some(1))
            .connection_timeout(ACQUIRE_TIMEOUT)
            .error_handler(Box::new(OutageLog::default()));
        Ok(Self(pool.build_unchecked(manager)))
    }

    /// Runs the work on a connection, on another thread. If the caller stops waiting, the thread goes on, and keeps the
    /// permit until it is done.
    pub(in crate::stores::db) async fn run<T: Send + 'static>(
        &self,
        permit: Arc<OwnedSemaphorePermit>,
        work: impl AsyncFn(&mut Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let pool = self.0.clone();
        let thread = spawn_blocking(in_request_scope_blocking(move || {
            let _permit = permit;
            let mut connection = pool.get().map_err(Failure::no_connection)?;
            // SQLite is synchronous, so the future is ready at its first poll.
            let outcome = work(&mut connection).now_or_never();
            outcome.unwrap_or_else(|| {
                Err(Failure::Final(Error::internal("the work awaited more than the database")))
            })
        }));
        thread.await.unwrap_or_else(|failed| Err(Failure::Final(Error::fallen(&failed))))
    }
}

impl ManageConnection for Manager {
    type Connection = Connection;
    type Error = OpenError;

    fn connect(&self) -> Result<Connection, OpenError> {
        open(&self.0).map(Connection::from)
    }

    fn is_valid(&self, _: &mut Connection) -> Result<(), OpenError> {
        Ok(())
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        connection.is_broken()
    }
}
