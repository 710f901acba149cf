//! The connections there are: a server is awaited by the worker that asks; a file blocks, on a thread for each call.

use std::{path::PathBuf, sync::Arc};

use diesel::r2d2::Pool;
use futures_util::FutureExt as _;
use tokio::{sync::OwnedSemaphorePermit, task::spawn_blocking};

use super::{
    WAIT, address::Address, complaints::Complaints, connection::Connection, failure::Failure, file,
    file::Files, lines::Lines,
};
use crate::{errors::Error, logging::in_request_scope_blocking, stores::OpenError};

/// Clones share them.
#[derive(Clone)]
pub(super) enum Connections {
    ToServer(Arc<Lines>),
    ToFile(Pool<Files>),
}

impl Connections {
    /// So many at most, of which one is opened now.
    pub(super) async fn open(address: &Address, most: u32) -> Result<Self, OpenError> {
        match address.clone() {
            Address::Mysql(server) => {
                Ok(Self::ToServer(Arc::new(Lines::open(server, most).await?)))
            }
            Address::Sqlite(path) => Self::open_file(path, most).await,
        }
    }

    async fn open_file(path: PathBuf, most: u32) -> Result<Self, OpenError> {
        let files = Files(path.clone());
        // The pool would try again, and not say why it fails.
        let opened = spawn_blocking(move || file::open(&path).map(drop)).await;
        opened.unwrap_or_else(|_| {
            Err(OpenError::refused("DATABASE_URL: opening the file panicked"))
        })?;
        let pool = Pool::builder()
            .max_size(most)
            .min_idle(Some(1))
            .connection_timeout(WAIT)
            .error_handler(Box::new(Complaints::default()));
        Ok(Self::ToFile(pool.build_unchecked(files)))
    }

    /// Runs the work on one of them, for whoever has a turn.
    ///
    /// Dropped, it takes its connection to a server with it; a thread goes on, and keeps its turn.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        turn: &Arc<OwnedSemaphorePermit>,
        work: impl AsyncFn(&mut Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        match self {
            Self::ToServer(lines) => {
                let mut line = lines.take().await.map_err(Failure::unopened)?;
                let outcome = work(&mut line.connection).await;
                lines.put_back(line);
                outcome
            }
            Self::ToFile(pool) => {
                let (pool, turn) = (pool.clone(), Arc::clone(turn));
                let thread = spawn_blocking(in_request_scope_blocking(move || {
                    let _turn = turn;
                    let mut connection = pool.get().map_err(Failure::unopened)?;
                    // It has answered by the time it could be awaited.
                    let outcome = work(&mut connection).now_or_never();
                    outcome.unwrap_or_else(|| {
                        Err(Failure::Final(Error::internal("a file was awaited")))
                    })
                }));
                thread.await.unwrap_or_else(|it| Err(Failure::Final(Error::fallen(&it))))
            }
        }
    }
}
