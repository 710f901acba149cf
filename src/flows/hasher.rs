//! Makes and checks password hashes outside the async workers, at most one per core at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Semaphore, time::timeout};

use super::hash_threads::hash_threads;
use crate::{
    domain::{password::Password, password_hash::PasswordHash},
    errors::Error,
    logging::in_request_scope_blocking,
    metrics::Metrics,
};

/// How long a request waits for a core until it is answered with "busy" (R74).
const MAX_WAIT: Duration = Duration::from_secs(2);

/// Makes and checks password hashes.
#[derive(Clone)]
pub struct Hasher {
    cores: Arc<Semaphore>,
    iterations: u32,
    effort: Arc<AtomicU64>,
    metrics: Metrics,
}

/// The result of checking a password.
#[derive(Debug)]
pub struct Checked {
    /// Whether the password matches the hash.
    pub is_right: bool,
    /// A hash of the present form and cost, to replace an outdated one.
    pub upgrade: Option<String>,
}

impl Hasher {
    /// Makes a hasher of `iterations` per hash, and of `cores` hashes at once.
    pub fn new(iterations: u32, cores: usize, metrics: Metrics) -> Self {
        let cores = Arc::new(Semaphore::new(cores));
        Self { cores, iterations, effort: Arc::default(), metrics }
    }

    /// Returns the hash of a new password, in the form that is stored.
    pub async fn hash(&self, password: &Password) -> Result<String, Error> {
        let (password, iterations) = (password.clone(), self.iterations);
        self.run(move || PasswordHash::make(&password, iterations).to_stored()).await
    }

    /// Returns the number of iterations spent on comparisons so far. It is the same whether or not an account is found
    /// (R63).
    pub fn effort(&self) -> u64 {
        self.effort.load(Ordering::Relaxed)
    }

    /// Compares a password with a stored hash. Without a hash it compares with a dummy that takes as long.
    pub async fn check(&self, password: &Password, stored: Option<&str>) -> Result<Checked, Error> {
        let hash = stored.and_then(PasswordHash::parse);
        let (password, iterations) = (password.clone(), self.iterations);
        let effort = Arc::clone(&self.effort);
        self.run(move || {
            let hash = hash.unwrap_or_else(|| PasswordHash::dummy(iterations));
            effort.fetch_add(hash.effort(), Ordering::Relaxed);
            let is_right = hash.verify(&password);
            let is_outdated = is_right && !hash.is_current(iterations);
            let upgrade =
                is_outdated.then(|| PasswordHash::make(&password, iterations).to_stored());
            Checked { is_right, upgrade }
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let waiting = self.metrics.hash_wait();
        let core = match timeout(MAX_WAIT, Arc::clone(&self.cores).acquire_owned()).await {
            Ok(core) => core.map_err(Error::internal)?,
            Err(_) => return Err(Error::Busy { retry_after: MAX_WAIT }),
        };
        drop(waiting);
        let thread = hash_threads()?.spawn_blocking(in_request_scope_blocking(move || {
            let done = work();
            // Hold the permit until the hash is done even if the client has gone: the core was busy all the same.
            drop(core);
            done
        }));
        thread.await.map_err(|error| Error::task_failed(&error))
    }
}
