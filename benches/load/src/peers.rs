//! Compares Haoma with other products, in interleaved rounds; see `benches/peers`.

use std::{path::Path, time::Duration};

use tokio::process::Command;

use crate::{
    drive::{Measure, Until},
    gateway::Gateway,
    ours::{self, Stores},
    report::failed,
    server::Server,
    server_under_test::{Action, CONNECTIONS, ServerUnderTest},
    users::UserPool,
    wire::{self, Solved},
};

/// The users who sign in and whose sessions are checked: so many that hardly any signs in more than ten times, after
/// which Haoma ends the longest idle session.
const PEOPLE: usize = 2_000;
/// The users with slower hashes, who sign in less often.
const MIXED_PEOPLE: usize = 200;
/// The number of registrations for each second of a round, about as many as the slowest product completes.
const WEAK_PACE: usize = 200;
const STRONG_PACE: usize = 10;

const SCENARIOS: [&str; 8] = [
    "session check",
    "captcha picture",
    "SMS code, provider at once",
    "SMS code, provider takes 50 ms",
    "register, hash at 600 000",
    "register, hash at 1 000",
    "sign-in, hash at 1 000",
    "mixed, hash at 50 000",
];

/// A product, with three costs of a hash.
struct Product {
    name: &'static str,
    /// Whether it has captchas, and so every part of the mix.
    draws: bool,
    weak: ServerUnderTest,
    middle: Option<ServerUnderTest>,
    strong: ServerUnderTest,
}

/// Starts a server under test with a given number of iterations.
struct ServerStarter {
    program: String,
    /// The folder where `scripts/bench peers` has installed the other products.
    installed: String,
    stores: Stores,
    gateway: Gateway,
    webhook: String,
}

/// Measures `rounds` times `seconds` for every scenario, and prints the table.
pub async fn run(
    program: &str,
    installed: &str,
    (seconds, rounds): (u64, usize),
    only: &str,
) -> anyhow::Result<()> {
    let gateway = Gateway::default();
    let webhook = gateway.start()?;
    let (program, installed) = (program.to_owned(), installed.to_owned());
    let starter = ServerStarter { program, installed, stores: Stores::given()?, gateway, webhook };
    let mut products = Vec::new();
    for name in ["Haoma", "Flask", "better-auth, MySQL", "better-auth, Redis", "allauth"] {
        products.push(starter.build(name).await?);
    }
    let idle = memories(&products)?;
    let names: Vec<_> = SCENARIOS.into_iter().filter(|text| text.contains(only)).collect();
    let mut table = vec![vec![None::<Measure>; products.len()]; names.len()];
    for round in 1..=rounds {
        for (row, scenario) in table.iter_mut().zip(&names) {
            for (cell, product) in row.iter_mut().zip(&products) {
                eprintln!("round {round}: {scenario}, {}", product.name);
                if let Some(measure) = starter.measure(product, scenario, seconds).await? {
                    cell.get_or_insert_default().add(measure);
                }
            }
        }
    }
    print(&products, &names, &table);
    print_row("memory, idle", &idle);
    print_row("memory, after it all", &memories(&products)?);
    for Product { weak, middle, strong, .. } in products {
        for under_test in [Some(weak), middle, Some(strong)].into_iter().flatten() {
            under_test.server.stop().await?;
        }
    }
    Ok(())
}

impl ServerStarter {
    async fn build(&self, name: &'static str) -> anyhow::Result<Product> {
        eprintln!("starting {name}");
        let draws = matches!(name, "Haoma" | "Flask");
        let weak = self.under_test(name, 1_000).await?;
        weak.users.seed_users(PEOPLE).await?;
        let middle = if draws { Some(self.under_test(name, 50_000).await?) } else { None };
        if let Some(middle) = &middle {
            middle.users.seed_users(MIXED_PEOPLE).await?;
        }
        Ok(Product { name, draws, weak, middle, strong: self.under_test(name, 600_000).await? })
    }

    async fn under_test(&self, name: &str, iterations: u32) -> anyhow::Result<ServerUnderTest> {
        let (stores, gateway) = (&self.stores, self.gateway.clone());
        match name {
            "Flask" => {
                let server = self.peer("flask", "/api/v1.0/session", true, iterations).await?;
                let solved = Solved::open(&stores.redis, "image_code_").await?;
                let wire = wire::Flask { base: server.base.clone(), solved, gateway };
                Ok(ServerUnderTest { users: UserPool::new(&server.base, wire), server })
            }
            "better-auth, MySQL" | "better-auth, Redis" => {
                let has_redis = name.ends_with("Redis");
                let server =
                    self.peer("better-auth", "/api/auth/ok", has_redis, iterations).await?;
                let wire = wire::BetterAuth { base: server.base.clone(), gateway };
                Ok(ServerUnderTest { users: UserPool::new(&server.base, wire), server })
            }
            "allauth" => {
                let ready = "/_allauth/app/v1/config";
                let server = self.peer("allauth", ready, true, iterations).await?;
                let wire = wire::Allauth { base: server.base.clone(), gateway };
                Ok(ServerUnderTest { users: UserPool::new(&server.base, wire), server })
            }
            _ => {
                ours::start(&self.program, stores, (&gateway, &self.webhook), iterations, &[]).await
            }
        }
    }

    /// Starts another product on its own database `haoma_bench_<name>`, which the script has created.
    async fn peer(
        &self,
        folder: &str,
        ready: &str,
        has_redis: bool,
        iterations: u32,
    ) -> anyhow::Result<Server> {
        let home = Path::new("benches/peers").join(folder);
        let mut command = Command::new(home.canonicalize()?.join("start"));
        command.current_dir(&home).arg(Path::new(&self.installed).join(folder));
        let settings = [
            ("DATABASE_URL", format!("{}_{}", self.stores.database, folder.replace('-', "_"))),
            ("REDIS_URL", if has_redis { self.stores.redis.clone() } else { String::new() }),
            ("SMS_URL", self.webhook.clone()),
            ("PASSWORD_ITERATIONS", iterations.to_string()),
            ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
        ];
        Server::start(command, &settings, ready).await
    }

    /// Measures a scenario; `None` if the product does not have it.
    async fn measure(
        &self,
        product: &Product,
        scenario: &str,
        seconds: u64,
    ) -> anyhow::Result<Option<Measure>> {
        let Product { draws, weak, middle, strong, .. } = product;
        let until = Until::Seconds(seconds);
        let load = |action| weak.load(action, CONNECTIONS, until);
        let seconds = usize::try_from(seconds)?;
        let measure = match scenario {
            "session check" => load(Action::Who).await?,
            "captcha picture" if *draws => load(Action::Picture).await?,
            "SMS code, provider at once" => load(Action::Send).await?,
            "SMS code, provider takes 50 ms" => {
                self.gateway.delay(Duration::from_millis(50));
                let measure = load(Action::Send).await;
                self.gateway.delay(Duration::ZERO);
                measure?
            }
            "register, hash at 600 000" => strong.registrations(STRONG_PACE * seconds).await?,
            "register, hash at 1 000" => weak.registrations(WEAK_PACE * seconds).await?,
            "sign-in, hash at 1 000" => load(Action::SignIn).await?,
            _ => match middle {
                Some(middle) if scenario.starts_with("mixed") => middle.mix(until).await?,
                _ => return Ok(None),
            },
        };
        Ok(Some(measure))
    }
}

/// Returns the memory of each product after the mix, or after the scenario that is nearest to it.
fn memories(products: &[Product]) -> anyhow::Result<Vec<String>> {
    let under_test =
        |product: &Product| product.middle.as_ref().unwrap_or(&product.weak).server.memory();
    products.iter().map(|product| Ok(format!("{:.0} MB", under_test(product)?))).collect()
}

fn print(products: &[Product], names: &[&str], table: &[Vec<Option<Measure>>]) {
    println!("CPU seconds for 1000 requests (how many times ours) · requests/s\n");
    let heads: Vec<_> = products.iter().map(|product| product.name.to_owned()).collect();
    print_row("scenario", &heads);
    println!("|{}", "---|".repeat(heads.len() + 1));
    for (row, name) in table.iter().zip(names) {
        let ours = row.first().and_then(Option::as_ref).map_or(f64::NAN, Measure::cpu_per_1000);
        let cells = row.iter().enumerate().map(|(column, cell)| match cell {
            None => "–".to_owned(),
            Some(cell) => {
                let cpu = cell.cpu_per_1000();
                let times =
                    if column == 0 { String::new() } else { format!(" ({:.1} ×)", cpu / ours) };
                format!("{cpu:.3}{times} · {:.0}/s{}", cell.per_second(), failed(cell))
            }
        });
        print_row(name, &cells.collect::<Vec<_>>());
    }
}

fn print_row(head: &str, cells: &[String]) {
    println!("| {head} | {} |", cells.join(" | "));
}
