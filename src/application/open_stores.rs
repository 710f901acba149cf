//! Opens the stores: waits while one does not answer, and warns of what is wrong with them.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::{
    checks,
    config::Config,
    domain::clock::Clock,
    stores::{
        OpenError,
        db::{Db, TransportSecurity},
        kv::{Kv, Memory, Redis},
    },
};

/// Between two attempts to retry a store.
const RETRY_INTERVAL: Duration = Duration::from_millis(500);

/// For how long a start waits for stores that do not answer.
pub(super) struct StartDeadline {
    whole: Duration,
    ends_at: Instant,
}

impl StartDeadline {
    /// Begins now, for all stores together.
    pub(super) fn after(whole: Duration) -> Self {
        Self { whole, ends_at: Instant::now() + whole }
    }

    /// Tries until it succeeds, is refused, or the time is over: at boot a database may be slower than we are.
    async fn retry<T>(&self, attempt: impl AsyncFn() -> Result<T, OpenError>) -> anyhow::Result<T> {
        let seconds = self.whole.as_secs();
        let mut has_waited = false;
        loop {
            match attempt().await {
                Err(error) if error.is_unreachable() && Instant::now() < self.ends_at => {
                    if !has_waited {
                        log::warn!(
                            "event=waiting_for_store seconds={seconds} error={:?}",
                            error.to_string()
                        );
                    }
                    has_waited = true;
                    sleep(RETRY_INTERVAL).await;
                }
                Err(error) if has_waited => {
                    anyhow::bail!("{error}; the start has waited for {seconds} s")
                }
                outcome => {
                    if has_waited {
                        log::info!("event=waited_for_store");
                    }
                    return Ok(outcome?);
                }
            }
        }
    }
}

/// The database, with every migration done, and open to writes.
pub(super) async fn database(config: &Config, deadline: &StartDeadline) -> anyhow::Result<Db> {
    let (url, pool) = (config.database_url.as_str(), config.database_pool);
    let db = deadline.retry(async || Db::open(url, pool).await).await?;
    if db.transport_security() == TransportSecurity::Plaintext {
        log::warn!("event=database_in_the_open setting=ssl_mode");
    }
    if db.is_mysql() {
        let pending = db.pending_migrations().await?;
        anyhow::ensure!(
            pending.is_empty(),
            "DATABASE_URL: the database lacks {}: run `haoma migrate` or `diesel migration run`",
            pending.join(", ")
        );
    } else {
        db.migrate().await?;
    }
    db.check_writes().await?;
    checks::log_problems(&checks::database::check_server(&db, pool).await);
    Ok(db)
}

/// Where captchas, codes and limits live.
pub(super) async fn kv(
    config: &Config,
    clock: &Clock,
    deadline: &StartDeadline,
) -> anyhow::Result<Kv> {
    let Some(address) = &config.redis else {
        return Ok(Kv::Memory(Memory::with_capacity(config.memory, clock.clone())));
    };
    if address.is_plaintext() {
        log::warn!("event=redis_in_the_open setting=ALLOW_PLAIN_REDIS");
    }
    let redis = deadline.retry(async || Redis::connect(address).await).await?;
    checks::log_problems(&checks::redis::check_server(&redis).await);
    Ok(Kv::Redis(redis))
}
