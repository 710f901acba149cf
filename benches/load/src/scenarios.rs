//! What is measured, in interleaved rounds, so that a noisy neighbour is everybody's.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::ensure;
use reqwest::Client;
use tempfile::TempDir;

use crate::{
    drive::{Measure, Until, drive},
    gateway::{self, Gateway},
    server::Server,
    town::Town,
};

/// Connections that ask at once.
const CONNECTIONS: usize = 32;
/// People whose sessions are asked about.
const PEOPLE: usize = 500;

/// A scenario and what it came to.
pub struct Row {
    pub name: &'static str,
    pub goal: &'static str,
    pub measure: Measure,
}

/// Scenarios in their order, with the goals of the contract.
const SCENARIOS: [(&str, &str); 13] = [
    ("bare JSON", "the limit"),
    ("bare page", "the limit"),
    ("page /register", "≥ 70 % of bare"),
    ("page /login", "≥ 70 % of bare"),
    ("session check", "≤ 0.047"),
    ("captcha picture", "≤ 0.85"),
    ("SMS code, provider at once", "≤ 0.20"),
    ("SMS code, provider takes 50 ms", "≥ 600/s"),
    ("register, hash at 1 000", "≤ 0.25"),
    ("sign-in, hash at 1 000", "≤ 0.15"),
    ("mixed, hash at 50 000", "≤ 1.3"),
    ("register, hash at 600 000", "≤ 72, ≥ 27/s"),
    ("page /login while hashing", "p99 ≤ 5 × idle"),
];

struct Stage {
    bare: Server,
    weak: (Server, Town),
    mixed: (Server, Town),
    strong: (Server, Town),
    gateway: Gateway,
}

pub async fn run(
    program: &str,
    (seconds, rounds): (u64, usize),
    only: &str,
) -> anyhow::Result<Vec<Row>> {
    start_up(program).await?;
    let stage = Stage::build(program).await?;
    println!("Resident memory idle: {:.1} MB", stage.strong.0.memory()?);
    let names = SCENARIOS.iter().filter(|(name, _)| name.contains(only));
    let mut rows: Vec<Row> =
        names.map(|(name, goal)| Row { name, goal, measure: Measure::default() }).collect();
    for round in 1..=rounds {
        for row in &mut rows {
            eprintln!("round {round}: {}", row.name);
            row.measure.add(stage.measure(row.name, seconds).await?);
        }
    }
    println!("Resident memory after the mixed load: {:.1} MB\n", stage.mixed.0.memory()?);
    stage.stop().await?;
    Ok(rows)
}

/// From nothing to the first good answer, on a new SQLite file.
async fn start_up(program: &str) -> anyhow::Result<()> {
    let mut times = Vec::new();
    for _ in 0..9 {
        let folder = TempDir::new()?;
        let url = format!("sqlite://{}", folder.path().join("haoma.db").display());
        let server = Server::start(program, &[], &[("DATABASE_URL", url)], "/readyz").await?;
        times.push(server.ready_after);
        server.stop().await?;
    }
    times.sort_unstable();
    println!("Start to ready on a new SQLite file: {} ms (median of 9)", times[4].as_millis());
    Ok(())
}

impl Stage {
    async fn build(program: &str) -> anyhow::Result<Self> {
        let gateway = Gateway::default();
        let webhook = gateway.start()?;
        let own = std::env::current_exe()?.to_string_lossy().into_owned();
        let redis = std::env::var("REDIS_URL")?;
        let start = async |iterations: u32| {
            let settings = settings(&webhook, iterations);
            let server = Server::start(program, &[], &settings, "/readyz").await?;
            let town = Town::at(&server, &redis, &gateway).await?;
            anyhow::Ok((server, town))
        };
        let stage = Self {
            bare: Server::start(&own, &["bare"], &[], "/json").await?,
            weak: start(1_000).await?,
            mixed: start(50_000).await?,
            strong: start(600_000).await?,
            gateway: gateway.clone(),
        };
        stage.weak.1.settle(PEOPLE).await?;
        stage.mixed.1.settle(PEOPLE).await?;
        Ok(stage)
    }

    async fn measure(&self, name: &str, seconds: u64) -> anyhow::Result<Measure> {
        let until = Until::Seconds(seconds);
        let (weak, town) = &self.weak;
        let town = town.clone();
        match name {
            "bare JSON" => self.bare("/json", until).await,
            "bare page" => {
                let page = Client::new().get(town.url("/register")).send().await?.bytes().await?;
                self.bare(&format!("/page/{}", page.len()), until).await
            }
            "page /register" => page(weak, town, "/register", until).await,
            "page /login" => page(weak, town, "/login", until).await,
            "session check" => {
                drive(weak, CONNECTIONS, until, move |client, turn| {
                    let town = town.clone();
                    async move { town.who(&client, turn).await.unwrap_or(false) }
                })
                .await
            }
            "captcha picture" => {
                drive(weak, CONNECTIONS, until, move |client, _| {
                    let town = town.clone();
                    async move { town.picture(&client).await.unwrap_or(false) }
                })
                .await
            }
            "SMS code, provider at once" => self.sends(Duration::ZERO, until).await,
            "SMS code, provider takes 50 ms" => self.sends(Duration::from_millis(50), until).await,
            "register, hash at 1 000" => registrations(&self.weak, 2_000 * seconds).await,
            "sign-in, hash at 1 000" => {
                drive(weak, CONNECTIONS, until, move |client, turn| {
                    let town = town.clone();
                    async move { town.sign_in(&client, turn).await.unwrap_or(false) }
                })
                .await
            }
            "mixed, hash at 50 000" => self.mix(until).await,
            "register, hash at 600 000" => registrations(&self.strong, 25 * seconds).await,
            "page /login while hashing" => self.pages_beside_hashing(seconds).await,
            name => anyhow::bail!("no scenario {name}"),
        }
    }

    async fn bare(&self, path: &str, until: Until) -> anyhow::Result<Measure> {
        let url = format!("{}{path}", self.bare.base);
        drive(&self.bare, CONNECTIONS, until, move |client, _| {
            let url = url.clone();
            async move {
                match client.get(url).send().await {
                    Ok(response) => response.bytes().await.is_ok(),
                    Err(_) => false,
                }
            }
        })
        .await
    }

    async fn sends(&self, delay: Duration, until: Until) -> anyhow::Result<Measure> {
        let (server, town) = &self.weak;
        self.gateway.delay(delay);
        let town = town.clone();
        let measure = drive(server, CONNECTIONS, until, move |client, _| {
            let town = town.clone();
            async move { town.send(&client, &town.mobile()).await.unwrap_or(false) }
        })
        .await;
        self.gateway.delay(Duration::ZERO);
        measure
    }

    /// 6 captchas, 3 SMS, 1 registration, 2 sign-ins, 8 session checks.
    async fn mix(&self, until: Until) -> anyhow::Result<Measure> {
        let (server, town) = &self.mixed;
        let town = town.clone();
        let waiting = Arc::new(Mutex::new(Vec::<String>::new()));
        drive(server, CONNECTIONS, until, move |client, turn| {
            let (town, waiting) = (town.clone(), Arc::clone(&waiting));
            async move {
                // The connections are spread over the mix.
                let part = (turn / CONNECTIONS + turn % CONNECTIONS * 7) % 20;
                let done = match part {
                    0..6 => town.picture(&client).await,
                    6..9 => {
                        let mobile = town.mobile();
                        let sent = town.send(&client, &mobile).await;
                        if let Ok(mut waiting) = waiting.lock() {
                            waiting.push(mobile);
                        }
                        sent
                    }
                    9 => match waiting.lock().ok().and_then(|mut it| it.pop()) {
                        Some(mobile) => town.register(&client, &mobile).await,
                        None => town.who(&client, turn).await,
                    },
                    10..12 => town.sign_in(&client, turn).await,
                    _ => town.who(&client, turn).await,
                };
                done.unwrap_or(false)
            }
        })
        .await
    }

    /// Hashing runs flat out meanwhile; only the pages are measured.
    async fn pages_beside_hashing(&self, seconds: u64) -> anyhow::Result<Measure> {
        let (server, town) = &self.strong;
        let hashing = registrations(&self.strong, 25 * (seconds + 2));
        let reading = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let town = town.clone();
            drive(server, 2, Until::Seconds(seconds), move |client, _| {
                let town = town.clone();
                async move { town.get(&client, "/login").await.unwrap_or(false) }
            })
            .await
        };
        let (hashed, read) = tokio::join!(hashing, reading);
        hashed?;
        read
    }

    async fn stop(self) -> anyhow::Result<()> {
        for server in [self.bare, self.weak.0, self.mixed.0, self.strong.0] {
            server.stop().await?;
        }
        Ok(())
    }
}

async fn page(
    server: &Server,
    town: Town,
    path: &'static str,
    until: Until,
) -> anyhow::Result<Measure> {
    drive(server, CONNECTIONS, until, move |client, _| {
        let town = town.clone();
        async move { town.get(&client, path).await.unwrap_or(false) }
    })
    .await
}

/// So many registrations whose codes were texted before the measure begins.
async fn registrations((server, town): &(Server, Town), how_many: u64) -> anyhow::Result<Measure> {
    let how_many = usize::try_from(how_many)?;
    let mobiles: Arc<Vec<String>> = Arc::new((0..how_many).map(|_| town.mobile()).collect());
    let (sending, numbers) = (town.clone(), Arc::clone(&mobiles));
    let sent = drive(server, CONNECTIONS, Until::Requests(how_many), move |client, turn| {
        let (town, mobile) = (sending.clone(), numbers[turn].clone());
        async move { town.send(&client, &mobile).await.unwrap_or(false) }
    })
    .await?;
    ensure!(sent.failures == 0, "{} codes were not texted", sent.failures);
    let town = town.clone();
    drive(server, CONNECTIONS, Until::Requests(how_many), move |client, turn| {
        let (town, mobile) = (town.clone(), mobiles[turn].clone());
        async move { town.register(&client, &mobile).await.unwrap_or(false) }
    })
    .await
}

/// Everything as in production, but for the budget of the whole service, what is per address (all load
/// comes from one), and the ladder.
fn settings(webhook: &str, iterations: u32) -> Vec<(&'static str, String)> {
    let mut settings = vec![
        ("DATABASE_URL", std::env::var("DATABASE_URL").unwrap_or_default()),
        ("REDIS_URL", std::env::var("REDIS_URL").unwrap_or_default()),
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
