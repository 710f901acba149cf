//! Pictures that were solved: their answers are put where a server keeps them, many at once, so that a measure is of
//! the server and not of this.

use anyhow::Context as _;
use redis::aio::ConnectionManager;
use tokio::sync::Mutex;

/// The answer to all of them.
pub const SOLVED: &str = "abcd";
/// How many are put at once.
const BATCH: usize = 500;
/// How long they wait: longer than any measure.
const SECONDS: u64 = 3600;

pub struct Solved {
    redis: ConnectionManager,
    /// What stands before an id in the name of a key.
    prefix: &'static str,
    ids: Mutex<Vec<String>>,
}

impl Solved {
    /// For a server that keeps them in this Redis, under this prefix.
    pub async fn open(redis: &str, prefix: &'static str) -> anyhow::Result<Self> {
        let redis = redis::Client::open(redis)?.get_connection_manager().await?;
        Ok(Self { redis, prefix, ids: Mutex::default() })
    }

    /// The id of one. Whoever finds none left puts the next, and everybody else waits for that.
    pub async fn take(&self) -> anyhow::Result<String> {
        let mut ids = self.ids.lock().await;
        if ids.is_empty() {
            let fresh = (0..BATCH).map(|_| format!("{:032x}", rand::random::<u128>()));
            let fresh: Vec<String> = fresh.collect();
            let mut pipe = redis::pipe();
            for id in &fresh {
                pipe.set_ex(format!("{}{id}", self.prefix), SOLVED, SECONDS).ignore();
            }
            let _: () = pipe.query_async(&mut self.redis.clone()).await?;
            *ids = fresh;
        }
        ids.pop().context("a batch")
    }
}
