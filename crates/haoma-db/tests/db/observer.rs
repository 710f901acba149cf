//! The observer is called for each call, and its context is available on other threads.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use haoma_db::{Connection, Error, Job, Observer};

use crate::databases::on_each;

tokio::task_local! {
    static REQUEST: u32;
}

thread_local! {
    static REQUEST_OF_JOB: Cell<Option<u32>> = const { Cell::new(None) };
}

struct TestObserver(Arc<AtomicUsize>);

impl Observer for TestObserver {
    fn waited(&self, _: Duration) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn carry_context(&self, job: Job) -> Job {
        let request = REQUEST.get();
        Box::new(move || {
            REQUEST_OF_JOB.set(Some(request));
            job();
            REQUEST_OF_JOB.set(None);
        })
    }
}

#[tokio::test]
async fn an_observer_counts_calls_and_gets_the_context() {
    on_each(async |db| {
        let calls = Arc::new(AtomicUsize::new(0));
        let db = db.observed_by(TestObserver(Arc::clone(&calls)));

        let request = REQUEST.scope(
            7,
            db.read(async |_: &mut Connection| {
                Ok::<_, Error>(REQUEST.try_with(|request| *request).ok().or(REQUEST_OF_JOB.get()))
            }),
        );

        assert_eq!(request.await.expect("answers"), Some(7));
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    })
    .await;
}
