//! A Haoma under load: everything as in production, but for what a load from one address would meet first.

use tokio::process::Command;

use crate::{
    gateway::{self, Gateway},
    server::Server,
    server_under_test::ServerUnderTest,
    users::UserPool,
    wire::{self, Solved},
};

/// What a server that is measured stands on.
#[derive(Clone)]
pub struct Stores {
    pub database: String,
    pub redis: String,
}

impl Stores {
    /// As `DATABASE_URL` and `REDIS_URL` say.
    pub fn given() -> anyhow::Result<Self> {
        Ok(Self { database: std::env::var("DATABASE_URL")?, redis: std::env::var("REDIS_URL")? })
    }
}

/// Starts one; settings of `others` come last.
pub async fn start(
    program: &str,
    stores: &Stores,
    (gateway, webhook): (&Gateway, &str),
    iterations: u32,
    others: &[(&'static str, String)],
) -> anyhow::Result<ServerUnderTest> {
    let mut settings = settings(stores, webhook, iterations);
    settings.extend(others.iter().cloned());
    let server = Server::start(Command::new(program), &settings, "/readyz").await?;
    let solved = Solved::open(&stores.redis, "haoma:captcha:").await?;
    let wire = wire::Haoma { base: server.base.clone(), solved, gateway: gateway.clone() };
    Ok(ServerUnderTest { users: UserPool::new(&server.base, wire), server })
}

/// Without the budget of the whole service, what is per address (all load comes from one), and the ladder.
fn settings(stores: &Stores, webhook: &str, iterations: u32) -> Vec<(&'static str, String)> {
    let mut settings = vec![
        ("DATABASE_URL", stores.database.clone()),
        ("REDIS_URL", stores.redis.clone()),
        ("SECRET_KEY", "a key of the load test, long enough for it".to_owned()),
        ("SMS_PROVIDERS", "webhook".to_owned()),
        ("SMS_WEBHOOK_URL", webhook.to_owned()),
        ("SMS_WEBHOOK_SECRET", gateway::SECRET.to_owned()),
        ("PASSWORD_ITERATIONS", iterations.to_string()),
        ("ALLOW_WEAK_HASHES", "on".to_owned()),
        ("RUST_LOG", "warn".to_owned()),
    ];
    let ample = [
        "SMS_PER_MINUTE",
        "SMS_PER_HOUR",
        "SMS_PER_DAY",
        "SMS_PER_ADDRESS_10_MINUTES",
        "SMS_PER_ADDRESS_HOUR",
        "SMS_PER_ADDRESS_DAY",
        "SMS_PER_SUBNET_10_MINUTES",
        "SMS_PER_SUBNET_HOUR",
        "SMS_PER_SUBNET_DAY",
        "CAPTCHAS_PER_ADDRESS_MINUTE",
        "CAPTCHAS_PER_ADDRESS_HOUR",
        "SMS_CODE_TRIES_PER_ADDRESS_10_MINUTES",
        "REGISTRATIONS_PER_ADDRESS_HOUR",
        "REGISTRATIONS_PER_ADDRESS_DAY",
        "SIGN_IN_FAILURES_PER_ADDRESS",
        "MAX_CONNECTIONS_PER_ADDRESS",
    ];
    settings.extend(ample.map(|name| (name, "1000000".to_owned())));
    // Most of these codes are never typed in, which is what the ladder is there to stop.
    settings.push(("SMS_VERIFIED_PERCENT", "0".to_owned()));
    settings
}
