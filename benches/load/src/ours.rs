//! A Haoma under load, configured as in production except for limits that a load from one address would reach first.

use tokio::process::Command;

use crate::{
    gateway::{self, Gateway},
    server::Server,
    server_under_test::ServerUnderTest,
    users::UserPool,
    wire::{self, Solved},
};

/// The stores of a measured server.
#[derive(Clone)]
pub struct Stores {
    pub database: String,
    pub redis: String,
}

impl Stores {
    /// Returns the stores of `DATABASE_URL` and `REDIS_URL`.
    pub fn given() -> anyhow::Result<Self> {
        Ok(Self { database: std::env::var("DATABASE_URL")?, redis: std::env::var("REDIS_URL")? })
    }
}

/// Starts a Haoma; the settings of `others` override.
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
    let wire = wire::Haoma {
        base: server.base.clone(),
        solved,
        gateway: gateway.clone(),
        devices: Default::default(),
    };
    Ok(ServerUnderTest { users: UserPool::new(&server.base, wire), server })
}

/// Returns settings without the budget of the service, without limits of addresses, because all load comes from one,
/// and without the SMS abuse guard.
pub fn settings(stores: &Stores, webhook: &str, iterations: u32) -> Vec<(&'static str, String)> {
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
    // Most codes of a measurement are never used, which the SMS abuse guard would stop.
    settings.push(("SMS_VERIFIED_PERCENT", "0".to_owned()));
    settings
}
