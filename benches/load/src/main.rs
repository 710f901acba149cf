//! Puts a Haoma under load, alone or beside others, and prints what it cost; see `scripts/bench`.
//!
//! `DATABASE_URL` and `REDIS_URL` name stores that may be filled.

#![expect(
    clippy::disallowed_methods,
    reason = "a program of its own, with an environment of its own"
)]

mod applications;
mod bare;
mod captchas;
mod drive;
mod flight;
mod gateway;
mod import;
mod large;
mod ours;
mod peers;
mod proof;
mod report;
mod scenarios;
mod server;
mod server_under_test;
mod timing;
mod users;
mod versus;
mod wire;

use std::str::FromStr;

const USAGE: &str = "usage: load bare
  load table HAOMA [SECONDS] [ROUNDS] [SCENARIO]
  load versus HAOMA HAOMA [TURNS] [SCENARIO]
  load peers HAOMA FOLDER [SECONDS] [ROUNDS] [SCENARIO]
  load flight HAOMA [MESSAGES] [ROUNDS]
  load large HAOMA SMALL LARGE [SECONDS] [ROUNDS]
  load walk HAOMA SIZE
  load import HAOMA SIZE…
  load timing HAOMA [SAMPLES]
  load captchas [TRAIN] [READ]
  load proof [ATTEMPTS] [TURNS]";

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    // No request uses TLS, but the client needs a provider. An error says that one is installed already.
    rustls::crypto::ring::default_provider().install_default().ok();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["bare"] => bare::serve().await,
        ["table", program, rest @ ..] => {
            let times = (nth(rest, 0, 4)?, nth(rest, 1, 3)?);
            let only = rest.get(2).copied().unwrap_or_default();
            report::print(&scenarios::run(program, times, only).await?);
            Ok(())
        }
        ["versus", old, new, rest @ ..] => {
            let turns = nth(rest, 0, 20)?;
            versus::run([old, new], turns, rest.get(1).copied().unwrap_or_default()).await
        }
        ["peers", program, folder, rest @ ..] => {
            let times = (nth(rest, 0, 4)?, nth(rest, 1, 2)?);
            peers::run(program, folder, times, rest.get(2).copied().unwrap_or_default()).await
        }
        ["flight", program, rest @ ..] => {
            flight::run(program, nth(rest, 0, 2_000)?, nth(rest, 1, 5)?).await
        }
        ["large", program, small, large, rest @ ..] => {
            let times = (nth(rest, 0, 4)?, nth(rest, 1, 2)?);
            large::run(program, [small.parse()?, large.parse()?], times).await
        }
        ["walk", program, size] => large::walk(program, size.parse()?).await,
        ["import", program, sizes @ ..] => {
            let sizes: Result<Vec<u64>, _> = sizes.iter().map(|size| size.parse()).collect();
            import::run(program, &sizes?).await
        }
        ["timing", program, rest @ ..] => timing::run(program, nth(rest, 0, 200)?).await,
        ["proof", rest @ ..] => proof::run(nth(rest, 0, 1_500)?, nth(rest, 1, 9)?).await,
        ["captchas", rest @ ..] => captchas::run(nth(rest, 0, 2_500)?, nth(rest, 1, 500)?),
        _ => anyhow::bail!(USAGE),
    }
}

/// Returns the nth argument, or the default.
fn nth<T: FromStr>(arguments: &[&str], index: usize, default: T) -> Result<T, T::Err> {
    arguments.get(index).map_or(Ok(default), |argument| argument.parse())
}
