//! Compares small and large tables with the same load; `scripts/lib/large.sh` has filled both.

use std::{env, sync::Arc};

use anyhow::Context as _;
use reqwest::Client;

use crate::{
    drive::{Measure, Until, drive},
    gateway::Gateway,
    ours::{self, Stores},
    report::failed,
    server_under_test::{Action, CONNECTIONS, ServerUnderTest},
    users::{UserPool, number},
};

/// The sessions that are checked, from all over the table, so that caches of pages do not hide its size.
const SESSIONS: u64 = 100_000;
/// The users who sign in. Both sides have as many, or those of the small one would have more sessions each.
const PEOPLE: u64 = 1_000;
/// The number of registrations for each second of a round.
const PACE: usize = 300;
const FLOWS: [&str; 4] = ["session check", "sign-in", "SMS code", "register"];

struct Side {
    under_test: ServerUnderTest,
    /// The users of session checks.
    all_users: UserPool,
}

/// Measures both sizes, given as numbers of users, in rounds.
pub async fn run(
    program: &str,
    sizes: [u64; 2],
    (seconds, rounds): (u64, usize),
) -> anyhow::Result<()> {
    let [small, large] = sizes;
    let sides = [Side::open(program, small).await?, Side::open(program, large).await?];
    let mut table = vec![[Measure::default(), Measure::default()]; FLOWS.len()];
    // The first round fills the caches and does not count.
    for round in 0..=rounds {
        for (row, flow) in table.iter_mut().zip(FLOWS) {
            for (cell, side) in row.iter_mut().zip(&sides) {
                eprintln!("round {round}: {flow}");
                let measure = side.measure(flow, seconds).await?;
                if round > 0 {
                    cell.add(measure);
                }
            }
        }
    }
    println!(
        "| flow | CPU s / 1000, {small} people | {large} people | ratio | p99 ms | p99 ms | ratio |"
    );
    println!("|---|---|---|---|---|---|---|");
    for ([small, large], flow) in table.iter().zip(FLOWS) {
        let (cpu, p99) = (large.cpu_per_1000() / small.cpu_per_1000(), large.p99() / small.p99());
        println!(
            "| {flow}{}{} | {:.4} | {:.4} | {cpu:.2} | {:.2} | {:.2} | {p99:.2} |",
            failed(small),
            failed(large),
            small.cpu_per_1000(),
            large.cpu_per_1000(),
            small.p99(),
            large.p99(),
        );
    }
    for side in sides {
        side.under_test.server.stop().await?;
    }
    Ok(())
}

/// Runs every action a few times, so that the script can log the queries of the database.
pub async fn walk(program: &str, size: u64) -> anyhow::Result<()> {
    let side = Side::open(program, size).await?;
    let client = Client::new();
    for turn in 0..3 {
        side.all_users.check_session(&client, turn).await?;
        side.under_test.users.sign_in(&client).await?;
    }
    side.under_test.users.seed_users(3).await?;
    side.under_test.server.stop().await
}

impl Side {
    async fn open(program: &str, size: u64) -> anyhow::Result<Self> {
        let gateway = Gateway::default();
        let webhook = gateway.start()?;
        let Stores { database, redis } = Stores::given()?;
        let stores = Stores { database: format!("{database}_{size}"), redis };
        // Without the cache, every check reads its session.
        let others = [("SESSION_CACHE_MILLISECONDS", "0".to_owned())];
        let under_test =
            ours::start(program, &stores, (&gateway, &webhook), 1_000, &others).await?;
        let sessions = size * each()?;
        let users = under_test.users.clone().with_people(people(size, sessions, PEOPLE));
        let all_users = users.clone().with_people(people(size, sessions, SESSIONS));
        Ok(Self { under_test: ServerUnderTest { users, ..under_test }, all_users })
    }

    async fn measure(&self, flow: &str, seconds: u64) -> anyhow::Result<Measure> {
        let Self { under_test, all_users } = self;
        let until = Until::Seconds(seconds);
        match flow {
            "session check" => {
                let users = Arc::new(all_users.clone());
                drive(&under_test.server, CONNECTIONS, until, move |client, turn| {
                    let users = Arc::clone(&users);
                    async move { users.check_session(&client, turn).await }
                })
                .await
            }
            "sign-in" => under_test.load(Action::SignIn, CONNECTIONS, until).await,
            "SMS code" => under_test.load(Action::Send, CONNECTIONS, until).await,
            "register" => {
                let how_many = usize::try_from(seconds).context("seconds")? * PACE;
                under_test.registrations(how_many).await
            }
            flow => anyhow::bail!("no flow {flow}"),
        }
    }
}

/// Returns the number of sessions of each user, as `scripts/lib/large.sh` has filled them in.
fn each() -> anyhow::Result<u64> {
    env::var("BENCH_SESSIONS")?.parse().context("BENCH_SESSIONS")
}

/// Returns so many sessions, evenly spread over the table, each with the number of its user.
fn people(size: u64, sessions: u64, how_many: u64) -> Vec<(String, String)> {
    let turns =
        (0..how_many.min(sessions)).map(|turn| 1 + turn * (sessions / how_many.min(sessions)));
    // The same formulas as in scripts/lib/large.sh: the token of the nth session, and its user.
    turns
        .map(|session| (number(1 + session % size), format!("Bearer haoma_{session:0>42}A")))
        .collect()
}
