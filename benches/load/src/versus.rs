//! Compares two builds of Haoma in turns so short that other load on the machine affects both alike.

use crate::{
    drive::{Measure, Until},
    gateway::Gateway,
    ours::{self, Stores},
    report::failed,
    server_under_test::{Action, CONNECTIONS, ServerUnderTest},
};

/// The scenarios, without an action for registrations; each has its number of requests a turn, which take about half a
/// second.
const SCENARIOS: [(&str, Option<Action>, usize); 7] = [
    ("page /register", Some(Action::Page("/register")), 15_000),
    ("page /login", Some(Action::Page("/login")), 15_000),
    ("session check", Some(Action::Who), 10_000),
    ("captcha picture", Some(Action::Picture), 2_000),
    ("SMS code", Some(Action::Send), 500),
    ("sign-in", Some(Action::SignIn), 500),
    ("register", None, 500),
];
/// The users who sign in and whose sessions are checked: so many that hardly any signs in more than ten times, after
/// which each sign-in ends another session.
const PEOPLE: usize = 2_000;

/// Measures both builds, with hashes of a thousand iterations.
pub async fn run(programs: [&str; 2], turns: usize, only: &str) -> anyhow::Result<()> {
    let gateway = Gateway::default();
    let webhook = gateway.start()?;
    let stores = Stores::given()?;
    let mut builds = Vec::new();
    for program in programs {
        let under_test = ours::start(program, &stores, (&gateway, &webhook), 1_000, &[]).await?;
        under_test.users.seed_users(PEOPLE).await?;
        builds.push(under_test);
    }
    println!("| scenario | CPU s / 1000, old | new | new to old | the turns' quartiles |");
    println!("|---|---|---|---|---|");
    let scenarios = SCENARIOS.into_iter().filter(|(name, ..)| name.contains(only));
    for (name, action, requests) in scenarios {
        let (mut old, mut new) = (Measure::default(), Measure::default());
        let mut ratios = Vec::new();
        // The first turn is a warm-up.
        for turn in 0..=turns {
            let (before, after) = (
                measure(&builds[0], action, requests).await?,
                measure(&builds[1], action, requests).await?,
            );
            if turn > 0 {
                ratios.push(after.cpu_per_1000() / before.cpu_per_1000());
                old.add(before);
                new.add(after);
            }
        }
        ratios.sort_by(f64::total_cmp);
        let quartile = |nth: usize| ratios.get(ratios.len() * nth / 4).copied().unwrap_or(f64::NAN);
        println!(
            "| {name}{}{} | {:.4} | {:.4} | {:.2} | {:.2} to {:.2} |",
            failed(&old),
            failed(&new),
            old.cpu_per_1000(),
            new.cpu_per_1000(),
            new.cpu_per_1000() / old.cpu_per_1000(),
            quartile(1),
            quartile(3),
        );
    }
    for under_test in builds {
        under_test.server.stop().await?;
    }
    Ok(())
}

async fn measure(
    under_test: &ServerUnderTest,
    action: Option<Action>,
    requests: usize,
) -> anyhow::Result<Measure> {
    match action {
        Some(action) => under_test.load(action, CONNECTIONS, Until::Requests(requests)).await,
        None => under_test.registrations(requests).await,
    }
}
