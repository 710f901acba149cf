//! Generates load in a closed loop: each connection sends its next request when it has its answer.

use std::{
    ops::Range,
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::Client;
use tokio::{task::JoinSet, time::sleep};

use crate::server::Server;

/// The time over which the connections send their first requests. Connections that start at once and then wait equally
/// long for a provider would stay synchronous, which real clients are not.
const SPREAD: Duration = Duration::from_millis(50);

/// The results of one measurement.
#[derive(Clone, Debug, Default)]
pub struct Measure {
    pub requests: usize,
    /// The requests answered within these seconds.
    pub steady: usize,
    /// The seconds of steady load.
    pub seconds: f64,
    /// The processor seconds of the server.
    pub cpu: f64,
    /// Latencies in microseconds, unsorted.
    pub latencies: Vec<u32>,
    pub failures: usize,
}

impl Measure {
    pub fn per_second(&self) -> f64 {
        self.steady as f64 / self.seconds
    }

    /// Returns the processor seconds of the server for a thousand requests.
    pub fn cpu_per_1000(&self) -> f64 {
        self.cpu / self.requests as f64 * 1000.0
    }

    /// Returns the 99th percentile of the latencies in milliseconds.
    pub fn p99(&self) -> f64 {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        let index = (sorted.len() * 99 / 100).min(sorted.len().saturating_sub(1));
        sorted.get(index).map_or(0.0, |microseconds| f64::from(*microseconds) / 1000.0)
    }

    pub fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.steady += other.steady;
        self.seconds += other.seconds;
        self.cpu += other.cpu;
        self.latencies.extend(other.latencies);
        self.failures += other.failures;
    }
}

/// The end of a measurement.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    Seconds(u64),
    /// This many requests, shared by the connections.
    Requests(usize),
}

impl Until {
    /// Returns the time of steady load: from the start of the last connection until the time is up or all requests are
    /// answered.
    fn steady(self) -> Range<Duration> {
        match self {
            Self::Seconds(seconds) => SPREAD..Duration::from_secs(seconds),
            Self::Requests(_) => SPREAD..Duration::MAX,
        }
    }
}

/// Returns a client with an open connection: creating one takes milliseconds, which must not count.
async fn connect(server: &Server) -> anyhow::Result<Client> {
    let client = Client::builder()
        .pool_max_idle_per_host(1)
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    client.get(&server.base).send().await?.bytes().await?;
    Ok(client)
}

/// Puts a server under load. A request that is refused or fails counts as a failure and not as a request.
pub async fn drive<F, R>(
    server: &Server,
    connections: usize,
    until: Until,
    request: F,
) -> anyhow::Result<Measure>
where
    F: Fn(Client, usize) -> R + Send + Sync + 'static,
    R: Future<Output = anyhow::Result<bool>> + Send,
{
    let request = Arc::new(request);
    let mut clients = Vec::new();
    for _ in 0..connections {
        clients.push(connect(server).await?);
    }
    let (began, cpu) = (Instant::now(), server.cpu()?);
    let mut workers = JoinSet::new();
    for (worker, client) in clients.into_iter().enumerate() {
        let request = Arc::clone(&request);
        let ahead = SPREAD.mul_f64(worker as f64 / connections as f64);
        workers.spawn(async move {
            sleep(ahead).await;
            let mut own = Measure::default();
            let mut turn = worker;
            loop {
                let is_over = match until {
                    Until::Seconds(seconds) => began.elapsed() >= Duration::from_secs(seconds),
                    Until::Requests(requests) => turn >= requests,
                };
                if is_over {
                    return own;
                }
                let asked = Instant::now();
                if request(client.clone(), turn).await.unwrap_or(false) {
                    own.requests += 1;
                    own.steady += usize::from(until.steady().contains(&began.elapsed()));
                    let micros = asked.elapsed().as_micros();
                    own.latencies.push(u32::try_from(micros).unwrap_or(u32::MAX));
                } else {
                    own.failures += 1;
                }
                turn += connections;
            }
        });
    }
    let mut all = Measure::default();
    while let Some(own) = workers.join_next().await {
        all.add(own?);
    }
    let Range { start, end } = until.steady();
    all.seconds = began.elapsed().min(end).saturating_sub(start).as_secs_f64();
    all.cpu = server.cpu()? - cpu;
    Ok(all)
}
