//! Threads that hash passwords, and step back for whoever answers people.

use std::{io, sync::LazyLock};

use tokio::runtime::{Builder, Handle, Runtime};

use crate::errors::Error;

/// Of a core that others want too, a hash gets about a quarter (weight 335 beside 1024 in Linux's `sched(7)`):
/// enough to come to an end, and a page need not wait until the kernel takes the core away.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 5;

/// Of the whole process, as its cores are. Never dropped: tokio's runtimes panic when that happens inside another.
static THREADS: LazyLock<io::Result<Runtime>> = LazyLock::new(|| {
    Builder::new_current_thread().thread_name("hash").on_thread_start(step_back).build()
});

/// Where hashes are made; nothing else is to run there, for a thread never gets its priority back.
pub(super) fn hash_threads() -> Result<&'static Handle, Error> {
    THREADS.as_ref().map(Runtime::handle).map_err(Error::internal)
}

/// Without it hashing works all the same.
#[cfg(target_os = "linux")]
fn step_back() {
    if let Err(error) = rustix::process::nice(NICENESS) {
        log::warn!("event=hash_thread_not_nice error={error}");
    }
}

/// Elsewhere `nice` is the whole process's.
#[cfg(not(target_os = "linux"))]
fn step_back() {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::nice;

    use super::*;

    /// By their priorities, not by times.
    #[actix_web::test]
    async fn hashes_step_back_and_nobody_else_does() {
        let hashing = hash_threads().expect("threads").spawn_blocking(|| nice(0));
        let other = tokio::task::spawn_blocking(|| nice(0));

        let (hashing, other) = (hashing.await.expect("its end"), other.await.expect("its end"));

        assert_eq!(hashing.expect("a priority"), other.expect("a priority") + NICENESS);
    }
}
