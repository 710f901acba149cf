//! The pool of connections to a SQLite file. Each call runs on a thread that may block.

use std::{path::PathBuf, sync::Arc};

use diesel::r2d2::{ManageConnection, Pool};
use futures_util::FutureExt as _;
use tokio::{
    sync::{OwnedSemaphorePermit, oneshot},
    task::spawn_blocking,
};

use super::open::open;
use crate::{
    ACQUIRE_TIMEOUT, Connection, Error, Observer, OpenError, WorkError, log_throttle::OutageLog,
    retry::Failure,
};

/// Connections to one file. Clones share them.
#[derive(Clone)]
pub(crate) struct SqlitePool(Pool<Manager>);

/// Opens connections for r2d2.
struct Manager(PathBuf);

impl SqlitePool {
    /// Opens one connection now and at most `max_open` later.
    pub(crate) async fn open(path: PathBuf, max_open: u32) -> Result<Self, OpenError> {
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
    pub(crate) async fn run<T: Send + 'static, E: WorkError>(
        &self,
        permit: Arc<OwnedSemaphorePermit>,
        observer: &dyn Observer,
        work: impl AsyncFn(&mut Connection) -> Result<T, Failure<E>> + Send + 'static,
    ) -> Result<T, Failure<E>> {
        let pool = self.0.clone();
        let (sender, receiver) = oneshot::channel();
        let job = observer.carry_context(Box::new(move || {
            let outcome = run_blocking(&pool, &work);
            drop(permit);
            // The caller may have gone.
            drop(sender.send(outcome));
        }));
        match spawn_blocking(job).await {
            Ok(()) => receiver.await.unwrap_or_else(|_| {
                Err(Failure::fatal(Error::Internal("the observer did not run the job")))
            }),
            Err(failed) => Err(Failure::fatal(Error::of_thread(&failed))),
        }
    }
}

fn run_blocking<T, E: WorkError>(
    pool: &Pool<Manager>,
    work: &impl AsyncFn(&mut Connection) -> Result<T, Failure<E>>,
) -> Result<T, Failure<E>> {
    let connection = pool.get().map_err(|error| Error::NoConnection(error.to_string()));
    let mut connection = connection.map_err(Failure::fatal)?;
    // SQLite is synchronous, so the future is ready at its first poll.
    work(&mut connection).now_or_never().unwrap_or_else(|| {
        Err(Failure::fatal(Error::Internal("the work awaited more than the database")))
    })
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
