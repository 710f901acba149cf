//! Measures whether text messages that wait for their provider slow other requests down.
//!
//! The gateway holds so many messages while the other routes are measured, and then releases them, so that only the
//! waiting is measured and not the sending. Measurements with and without held messages alternate.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use reqwest::Client;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    drive::{Measure, Until},
    gateway::Gateway,
    ours::{self, Stores},
    report::failed,
    server_under_test::{Action, ServerUnderTest},
};

/// Few connections, so that the load itself does not fill the machine.
const CONNECTIONS: usize = 4;
/// The users whose sessions are checked.
const PEOPLE: usize = 50;
/// Haoma waits for 5 s: within that time all messages have to be held, the routes measured, and the messages released.
const GATHERING: Duration = Duration::from_millis(3_500);
/// The maximum of concurrent sends until they are held; more would measure a queue at the gateway.
const ON_THE_WAY: usize = 32;
const PROBES: [(&str, Action); 3] = [
    ("GET /login", Action::Page("/login")),
    ("session check", Action::Who),
    ("captcha picture", Action::Picture),
];

pub async fn run(program: &str, in_flight: usize, rounds: usize) -> anyhow::Result<()> {
    let gateway = Gateway::default();
    let webhook = gateway.start()?;
    let stores = Stores::given()?;
    let under_test = ours::start(program, &stores, (&gateway, &webhook), 1_000, &[]).await?;
    under_test.users.seed_users(PEOPLE).await?;
    println!("| route | p99 ms, none in flight | p99 ms, {in_flight} in flight | ratio |");
    println!("|---|---|---|---|");
    for (name, action) in PROBES {
        let mut measures = [Measure::default(), Measure::default()];
        for round in 1..=rounds {
            eprintln!("round {round}: {name}");
            measures[0].add(under_test.load(action, CONNECTIONS, Until::Seconds(1)).await?);
            measures[1].add(beside(&under_test, &gateway, action, in_flight).await?);
        }
        let [without, with] = measures;
        let ratio = with.p99() / without.p99();
        let failed = failed(&with);
        println!("| {name}{failed} | {:.2} | {:.2} | {ratio:.2} |", without.p99(), with.p99());
    }
    println!("\nResident memory after it: {:.1} MB", under_test.server.memory()?);
    under_test.server.stop().await
}

/// Measures while so many messages are held.
async fn beside(
    under_test: &ServerUnderTest,
    gateway: &Gateway,
    action: Action,
    in_flight: usize,
) -> anyhow::Result<Measure> {
    gateway.hold();
    let client = Client::new();
    let users = Arc::new(under_test.users.clone());
    let mut sends = JoinSet::new();
    let began = Instant::now();
    for turn in 0..in_flight {
        come_through(gateway, turn.saturating_sub(ON_THE_WAY), began).await?;
        let (client, users) = (client.clone(), Arc::clone(&users));
        sends.spawn(async move { users.send(&client, turn).await });
    }
    come_through(gateway, in_flight, began).await?;
    let measure = under_test.load(action, CONNECTIONS, Until::Seconds(1)).await?;
    gateway.release();
    while let Some(sent) = sends.join_next().await {
        ensure!(sent.context("a send")??, "a message was not sent");
    }
    Ok(measure)
}

/// Waits until the gateway holds so many messages.
async fn come_through(gateway: &Gateway, messages: usize, began: Instant) -> anyhow::Result<()> {
    while gateway.held() < messages {
        ensure!(began.elapsed() < GATHERING, "only {} messages came through", gateway.held());
        sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}
