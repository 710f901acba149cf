//! Solved captchas: their answers are written to where a server stores them, many at once, so that the measurement is
//! of the server and not of this.

use anyhow::Context as _;
use redis::aio::ConnectionManager;
use tokio::sync::Mutex;

/// The answer of all of them.
pub const SOLVED: &str = "abcd";
/// How many are written at once.
const BATCH: usize = 500;
/// Their lifetime, which is longer than any measurement.
const SECONDS: u64 = 3600;

pub struct Solved {
    redis: ConnectionManager,
    /// The text before an id in the name of a key.
    prefix: &'static str,
    ids: Mutex<Vec<String>>,
}

impl Solved {
    /// Connects to the Redis in which a server stores captchas under this prefix.
    pub async fn open(redis: &str, prefix: &'static str) -> anyhow::Result<Self> {
        let redis = redis::Client::open(redis)?.get_connection_manager().await?;
        Ok(Self { redis, prefix, ids: Mutex::default() })
    }

    /// Returns the id of a captcha. The caller that finds none left writes the next ones, while all others wait.
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
