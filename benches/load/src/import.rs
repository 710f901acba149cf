//! Measures how long `haoma user import` takes for so many users, and its maximum memory.

use std::{
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;
use tokio::{process::Command, time::sleep};

use crate::users::number;

/// A hash by Werkzeug, the most common kind in imports.
const HASH: &str = "pbkdf2:sha256:600000$mRzKqVx0nBw7PfYc$\
    3f8b1c7d9e2a4056b1c7d9e2a40563f8b1c7d9e2a40563f8b1c7d9e2a40563f8";

/// Measures on SQLite, and on the MySQL databases that the script has created as `DATABASE_URL_<users>`.
pub async fn run(program: &str, sizes: &[u64]) -> anyhow::Result<()> {
    let folder = TempDir::new()?;
    let mysql = std::env::var("DATABASE_URL")?;
    println!("| people | database | seconds | peak memory MB |");
    println!("|---|---|---|---|");
    for size in sizes {
        let file = folder.path().join(format!("{size}.csv"));
        write(&file, *size)?;
        let sqlite = format!("sqlite://{}", folder.path().join(format!("{size}.db")).display());
        for (name, url) in [("SQLite", sqlite), ("MariaDB", format!("{mysql}_{size}"))] {
            let migrated = command(program, &url).arg("migrate").status().await?;
            ensure!(migrated.success(), "{name} has no tables");
            let (took, peak) = import(program, &url, &file, *size).await?;
            println!("| {size} | {name} | {:.1} | {peak:.1} |", took.as_secs_f64());
        }
    }
    Ok(())
}

fn write(file: &Path, size: u64) -> anyhow::Result<()> {
    let mut file = BufWriter::new(File::create(file)?);
    writeln!(file, "mobile,name,password_hash,created_at")?;
    for turn in 0..size {
        let mobile = number(turn);
        writeln!(file, "{mobile},person-{turn},{HASH},2024-02-29 12:00:00")?;
    }
    Ok(file.flush()?)
}

fn command(program: &str, url: &str) -> Command {
    let mut command = Command::new(program);
    command.env("DATABASE_URL", url).env("RUST_LOG", "warn").stderr(Stdio::null());
    command.stdout(Stdio::null()).kill_on_drop(true);
    command
}

/// Returns the duration and the maximum resident memory in megabytes of 10^6 bytes.
async fn import(
    program: &str,
    url: &str,
    file: &Path,
    size: u64,
) -> anyhow::Result<(Duration, f64)> {
    let began = Instant::now();
    let mut command = command(program, url);
    let mut child = command.args(["user", "import"]).arg(file).stdout(Stdio::piped()).spawn()?;
    let status = format!("/proc/{}/status", child.id().context("it runs")?);
    let mut peak = 0.0;
    while child.try_wait()?.is_none() {
        // The file is gone when the process has ended but has not been reaped.
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|text| text.trim().trim_end_matches(" kB").parse::<f64>().ok());
        peak = kib.map_or(peak, |kibibytes| kibibytes * 1024.0 / 1e6);
        sleep(Duration::from_millis(5)).await;
    }
    let took = began.elapsed();
    let said = String::from_utf8(child.wait_with_output().await?.stdout)?;
    ensure!(said.starts_with(&format!("imported {size},")), "it said: {said}");
    Ok((took, peak))
}
