//! Threads that hash passwords at a lower priority than the threads that answer requests.

use std::{io, sync::LazyLock};

use tokio::runtime::{Builder, Handle, Runtime};

use crate::errors::Error;

/// The nice value of these threads. On a busy core a hash then gets about a quarter of the time (weight 335 beside
/// 1024, see Linux's `sched(7)`): it makes progress, and requests need not wait for it.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 5;

/// One runtime for the whole process. It is never dropped, because tokio panics when a runtime is dropped inside
/// another.
static RUNTIME: LazyLock<io::Result<Runtime>> = LazyLock::new(|| {
    Builder::new_current_thread().thread_name("hash").on_thread_start(step_back).build()
});

/// Returns the runtime whose blocking threads compute hashes. Nothing else may run there, because a thread cannot raise
/// its priority again.
pub(super) fn hash_threads() -> Result<&'static Handle, Error> {
    RUNTIME.as_ref().map(Runtime::handle).map_err(Error::internal)
}

/// Lowers the priority of this thread. Hashing also works without it.
#[cfg(target_os = "linux")]
fn step_back() {
    if let Err(error) = rustix::process::nice(NICENESS) {
        log::warn!("event=hash_thread_priority_not_lowered error={error}");
    }
}

/// On other systems `nice` changes the priority of the whole process.
#[cfg(not(target_os = "linux"))]
fn step_back() {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::nice;

    use super::*;

    /// The test compares priorities, not times.
    #[actix_web::test]
    async fn hash_threads_have_a_lower_priority_than_others() {
        let hashing = hash_threads().expect("threads").spawn_blocking(|| nice(0));
        let other = tokio::task::spawn_blocking(|| nice(0));

        let (hashing, other) = (hashing.await.expect("its end"), other.await.expect("its end"));

        assert_eq!(hashing.expect("a priority"), other.expect("a priority") + NICENESS);
    }
}
