//! Redis Clusters, which have one database each: a test uses one exclusively.

use std::{
    cell::RefCell,
    sync::{Condvar, Mutex, PoisonError},
    thread::sleep,
    time::{Duration, Instant},
};

/// The Clusters that are not in use; `None` until the first one is requested.
static FREE: (Mutex<Option<Vec<String>>>, Condvar) = (Mutex::new(None), Condvar::new());

thread_local! {
    static OWN: RefCell<Option<Own>> = const { RefCell::new(None) };
}

/// A Cluster in use, until the thread of the test ends.
struct Own(String);

impl Own {
    fn wait(all: &str) -> Self {
        let (free, given_back) = &FREE;
        let mut free = free.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(url) =
                free.get_or_insert_with(|| all.split(' ').map(str::to_owned).collect()).pop()
            {
                return Self(url);
            }
            free = given_back.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let (free, given_back) = &FREE;
        let mut free = free.lock().unwrap_or_else(PoisonError::into_inner);
        free.get_or_insert_default().push(std::mem::take(&mut self.0));
        given_back.notify_one();
    }
}

/// Returns an empty Cluster for this test until it ends. A test that asks again gets the same one, emptied.
pub fn own(all: &str) -> String {
    let url = OWN
        .with_borrow_mut(|own_cluster| own_cluster.get_or_insert_with(|| Own::wait(all)).0.clone());
    for node in url.trim_start_matches("redis+cluster://").split(',') {
        empty(node);
    }
    url
}

/// Waits until a node has joined the others, and empties it.
#[expect(clippy::disallowed_methods, reason = "the thread of a test, which has begun nothing yet")]
fn empty(node: &str) {
    let client = redis::Client::open(format!("redis://{node}")).expect("an address");
    let mut node = client.get_connection().expect("a node");
    let started = Instant::now();
    while !redis::cmd("CLUSTER")
        .arg("INFO")
        .query::<String>(&mut node)
        .expect("answers")
        .contains("cluster_state:ok")
    {
        assert!(started.elapsed() < Duration::from_secs(20), "no cluster");
        sleep(Duration::from_millis(50));
    }
    redis::cmd("FLUSHALL").exec(&mut node).expect("empty");
}
