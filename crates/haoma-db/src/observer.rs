//! How the application takes part in calls: it may measure them, and carry its context to other threads.

use std::time::Duration;

/// Work that runs on a thread of tokio's blocking pool.
pub type Job = Box<dyn FnOnce() + Send>;

/// Methods that are called during each call to the database. By default they do nothing.
pub trait Observer: Send + Sync + 'static {
    /// Called when a call has its permit, or has given up, with the time that it has waited.
    fn waited(&self, wait: Duration) {
        let _: Duration = wait;
    }

    /// Called on the caller's task before a job goes to another thread; returns the job to run there.
    ///
    /// An implementation may wrap the job, so that task-local values such as the id of a request are set there as well.
    fn carry_context(&self, job: Job) -> Job {
        job
    }
}

/// An observer for programs that need none.
pub(crate) struct NoObserver;

impl Observer for NoObserver {}
