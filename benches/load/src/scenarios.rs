//! Compares Haoma with a bare answer, in interleaved rounds, so that other load on the machine affects both.

use std::time::Duration;

use reqwest::Client;
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    applications::Application,
    drive::{Measure, Until, drive},
    gateway::Gateway,
    ours::{self, Stores},
    report::Row,
    server::Server,
    server_under_test::{Action, CONNECTIONS, ServerUnderTest},
    users::is_there,
};

/// The users who sign in and whose sessions are checked: so many that hardly any signs in more than ten times, after
/// which each sign-in ends another session.
const PEOPLE: usize = 2_000;
/// The users with slower hashes, who sign in less often.
const MIXED_PEOPLE: usize = 500;
/// The connections that are measured while other connections sign in.
const MEASURED_CONNECTIONS: usize = 2;

/// The scenarios in order, with the goals of docs/performance.md.
const SCENARIOS: [(&str, &str); 20] = [
    ("bare JSON", "the limit"),
    ("bare page", "the limit"),
    ("page /register", "≥ 70 % of bare"),
    ("page /login", "≥ 70 % of bare"),
    ("session check", "≤ 0.047"),
    ("userinfo of an application", "≤ 2 session checks"),
    ("refresh token, nothing signed", "≤ 2 session checks"),
    ("captcha picture", "≤ 0.85"),
    ("SMS code, provider at once", "≤ 0.20"),
    ("bare message, provider takes 50 ms", "the limit"),
    ("SMS code, provider takes 50 ms", "≥ 600/s"),
    ("register, hash at 1 000", "≤ 0.25"),
    ("sign-in, hash at 1 000", "≤ 0.15"),
    ("mixed, hash at 50 000", "≤ 1.3"),
    ("bare hash at 600 000", "the limit"),
    ("register, hash at 600 000", "≤ 72, ≥ 27/s, ≥ 95 % of bare"),
    ("page /login, two at a time", "p99: idle"),
    ("page /login while hashing", "p99 ≤ 5 × idle"),
    ("session check, two at a time", "p99: idle"),
    ("session check while hashing", "p99 ≤ 5 × idle"),
];

struct Servers {
    bare: Server,
    weak: ServerUnderTest,
    mixed: ServerUnderTest,
    strong: ServerUnderTest,
    application: Application,
    gateway: Gateway,
    webhook: String,
}

pub async fn run(
    program: &str,
    (seconds, rounds): (u64, usize),
    only: &str,
) -> anyhow::Result<Vec<Row>> {
    start_up(program).await?;
    let stage = Servers::build(program).await?;
    println!("* Resident memory idle: {:.1} MB", stage.strong.server.memory()?);
    let names = SCENARIOS.iter().filter(|(name, _)| name.contains(only));
    let mut rows: Vec<Row> =
        names.map(|(name, goal)| Row { name, goal, measure: Measure::default() }).collect();
    for round in 1..=rounds {
        for row in &mut rows {
            eprintln!("round {round}: {}", row.name);
            row.measure.add(stage.measure(row.name, seconds).await?);
        }
    }
    println!("* Resident memory after the mixed load: {:.1} MB\n", stage.mixed.server.memory()?);
    stage.stop().await?;
    Ok(rows)
}

/// Measures the time from the start to the first successful answer, with a new SQLite file.
async fn start_up(program: &str) -> anyhow::Result<()> {
    let mut times = Vec::new();
    for _ in 0..9 {
        let folder = TempDir::new()?;
        let url = format!("sqlite://{}", folder.path().join("haoma.db").display());
        let mut command = Command::new(program);
        // A variable that is set and empty is refused.
        command.env_remove("REDIS_URL");
        let server = Server::start(command, &[("DATABASE_URL", url)], "/readyz").await?;
        times.push(server.ready_after);
        server.stop().await?;
    }
    times.sort_unstable();
    println!("* Start to ready on a new SQLite file: {} ms (median of 9)", times[4].as_millis());
    Ok(())
}

impl Servers {
    async fn build(program: &str) -> anyhow::Result<Self> {
        let gateway = Gateway::default();
        let webhook = gateway.start()?;
        let stores = Stores::given()?;
        let start = async |iterations| {
            ours::start(program, &stores, (&gateway, &webhook), iterations, &[]).await
        };
        let mut bare = Command::new(std::env::current_exe()?);
        bare.arg("bare");
        let stage = Self {
            bare: Server::start(bare, &[], "/json").await?,
            weak: start(1_000).await?,
            mixed: start(50_000).await?,
            strong: start(600_000).await?,
            application: Application::register(program, &ours::settings(&stores, &webhook, 1_000))
                .await?,
            gateway: gateway.clone(),
            webhook: webhook.clone(),
        };
        stage.weak.users.seed_users(PEOPLE).await?;
        stage.mixed.users.seed_users(MIXED_PEOPLE).await?;
        // Each registration takes a tenth of a second.
        stage.strong.users.seed_users(MEASURED_CONNECTIONS).await?;
        Ok(stage)
    }

    async fn measure(&self, name: &str, seconds: u64) -> anyhow::Result<Measure> {
        let until = Until::Seconds(seconds);
        let load = |action| self.weak.load(action, CONNECTIONS, until);
        let per_second = |requests| usize::try_from(seconds).map(|it| it * requests);
        match name {
            "bare JSON" => self.bare("/json", until).await,
            "bare page" => {
                let page = format!("{}/register", self.weak.server.base);
                let page = Client::new().get(page).send().await?.bytes().await?;
                self.bare(&format!("/page/{}", page.len()), until).await
            }
            "page /register" => load(Action::Page("/register")).await,
            "page /login" => load(Action::Page("/login")).await,
            "session check" => load(Action::Who).await,
            "userinfo of an application" => self.application.userinfo(&self.weak, until).await,
            "refresh token, nothing signed" => self.application.refresh(&self.weak, until).await,
            "captcha picture" => load(Action::Picture).await,
            "SMS code, provider at once" => load(Action::Send).await,
            "bare message, provider takes 50 ms" => {
                let path = format!("/message/{}", self.webhook);
                self.while_it_takes_50_ms(self.bare(&path, until)).await
            }
            "SMS code, provider takes 50 ms" => self.while_it_takes_50_ms(load(Action::Send)).await,
            "register, hash at 1 000" => self.weak.registrations(per_second(2_000)?).await,
            "sign-in, hash at 1 000" => load(Action::SignIn).await,
            "mixed, hash at 50 000" => self.mixed.mix(until).await,
            "bare hash at 600 000" => self.bare("/hash/600000", until).await,
            "register, hash at 600 000" => self.strong.registrations(per_second(25)?).await,
            "page /login, two at a time" => self.look_on(Action::Page("/login"), seconds).await,
            "page /login while hashing" => {
                self.beside_hashing(Action::Page("/login"), seconds).await
            }
            "session check, two at a time" => self.look_on(Action::Who, seconds).await,
            "session check while hashing" => self.beside_hashing(Action::Who, seconds).await,
            name => anyhow::bail!("no scenario {name}"),
        }
    }

    /// Measures while each message takes the provider 50 ms.
    async fn while_it_takes_50_ms(
        &self,
        load: impl Future<Output = anyhow::Result<Measure>>,
    ) -> anyhow::Result<Measure> {
        self.gateway.delay(Duration::from_millis(50));
        let measure = load.await;
        self.gateway.delay(Duration::ZERO);
        measure
    }

    async fn bare(&self, path: &str, until: Until) -> anyhow::Result<Measure> {
        let url = format!("{}{path}", self.bare.base);
        drive(&self.bare, CONNECTIONS, until, move |client, _| {
            let url = url.clone();
            async move { is_there(&client, &url).await }
        })
        .await
    }

    async fn look_on(&self, action: Action, seconds: u64) -> anyhow::Result<Measure> {
        self.strong.load(action, MEASURED_CONNECTIONS, Until::Seconds(seconds)).await
    }

    /// Measures an action while other connections sign in as fast as they can.
    async fn beside_hashing(&self, action: Action, seconds: u64) -> anyhow::Result<Measure> {
        let hashing = self.strong.registrations(25 * usize::try_from(seconds + 2)?);
        let looking_on = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            self.look_on(action, seconds).await
        };
        let (hashed, seen) = tokio::join!(hashing, looking_on);
        hashed?;
        seen
    }

    async fn stop(self) -> anyhow::Result<()> {
        for server in [self.bare, self.weak.server, self.mixed.server, self.strong.server] {
            server.stop().await?;
        }
        Ok(())
    }
}
