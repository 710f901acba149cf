//! Measures how long a failed sign-in takes for an account, for no account and for a locked one: the times should not
//! distinguish them.

use std::time::{Duration, Instant};

use anyhow::ensure;
use reqwest::Client;
use serde_json::json;
use tokio::process::Command;

use crate::{
    gateway::Gateway,
    ours::{self, Stores},
    server_under_test::ServerUnderTest,
};

/// The wrong passwords that an account accepts before it requires a captcha.
const TRIES: usize = 8;
/// The iterations of a hash on a production server.
const ITERATIONS: u32 = 600_000;

/// The kinds of logins for which a wrong password is sent.
const KINDS: [&str; 3] = ["with an account", "without one", "locked"];

/// Prints medians, and for each pair the share of comparisons in which the first was slower (0.5 reveals nothing).
pub async fn run(program: &str, samples: usize) -> anyhow::Result<()> {
    let gateway = Gateway::default();
    let webhook = gateway.start()?;
    let stores = Stores::given()?;
    let limits = ["SIGN_IN_FAILURES", "SIGN_IN_FAILURES_BEFORE_CAPTCHA"]
        .into_iter()
        .zip(["100".to_owned(), "10".to_owned()])
        .collect::<Vec<_>>();
    let under_test =
        ours::start(program, &stores, (&gateway, &webhook), ITERATIONS, &limits).await?;
    let client = Client::new();
    let mut times = [const { Vec::new() }; KINDS.len()];
    let mut mobiles = Vec::new();
    for sample in 0..samples {
        if sample % TRIES == 0 {
            mobiles = numbers(&under_test, &client, program, &stores).await?;
        }
        for (mobile, times) in mobiles.iter().zip(&mut times) {
            times.push(wrong_password(&under_test.server.base, &client, mobile).await?);
        }
    }
    println!("| number | median, ms |\n|---|---|");
    for (kind, times) in KINDS.iter().zip(&times) {
        println!("| {kind} | {:.2} |", median(times).as_secs_f64() * 1e3);
    }
    println!("\n| pair | share in which the first is slower |\n|---|---|");
    for (one, other) in [(0, 1), (0, 2), (1, 2)] {
        println!("| {}, {} | {:.3} |", KINDS[one], KINDS[other], area(&times[one], &times[other]));
    }
    under_test.server.stop().await
}

/// Returns a number of each kind.
async fn numbers(
    under_test: &ServerUnderTest,
    client: &Client,
    program: &str,
    stores: &Stores,
) -> anyhow::Result<Vec<String>> {
    let mobiles: Vec<String> = KINDS.iter().map(|_| under_test.users.mobile()).collect();
    for mobile in [&mobiles[0], &mobiles[2]] {
        ensure!(under_test.users.request_code(client, mobile).await?, "no code was texted");
        ensure!(under_test.users.register(client, mobile).await?, "the registration failed");
    }
    let mut lock = Command::new(program);
    lock.args(["user", "lock", &mobiles[2]]).env("DATABASE_URL", &stores.database);
    ensure!(lock.status().await?.success(), "the account was not locked");
    Ok(mobiles)
}

async fn wrong_password(base: &str, client: &Client, mobile: &str) -> anyhow::Result<Duration> {
    let body = json!({ "login": mobile, "password": "wrong horse 7" });
    let request = client.post(format!("{base}/api/v1/session")).json(&body);
    let started = Instant::now();
    let response = request.send().await?;
    let status = response.status();
    let text = response.text().await?;
    let took = started.elapsed();
    ensure!(status == 401 && text.contains("4102"), "{status} {text}");
    Ok(took)
}

fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

fn area(one: &[Duration], other: &[Duration]) -> f64 {
    let slower: usize =
        one.iter().map(|time| other.iter().filter(|than| time > *than).count()).sum();
    slower as f64 / (one.len() * other.len()) as f64
}
