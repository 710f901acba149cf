//! Loads a Haoma and a bare actix-web answer side by side; see `scripts/bench`.
//!
//! `DATABASE_URL` and `REDIS_URL` name stores that may be filled; the first argument is the Haoma.

#![expect(
    clippy::disallowed_methods,
    reason = "a program of its own, with an environment of its own"
)]

mod bare;
mod drive;
mod gateway;
mod report;
mod scenarios;
mod server;
mod town;

use anyhow::Context as _;

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    // Nothing here speaks TLS; the client wants a provider all the same. An error says that there is one.
    rustls::crypto::ring::default_provider().install_default().ok();
    let mut arguments = std::env::args().skip(1);
    let program =
        arguments.next().context("usage: load PATH_OF_HAOMA [seconds] [rounds] [only]")?;
    if program == "bare" {
        return bare::serve().await;
    }
    let seconds = arguments.next().map_or(Ok(4), |it| it.parse())?;
    let rounds = arguments.next().map_or(Ok(3), |it| it.parse())?;
    let only = arguments.next().unwrap_or_default();
    let rows = scenarios::run(&program, (seconds, rounds), &only).await?;
    report::print(&rows);
    Ok(())
}
