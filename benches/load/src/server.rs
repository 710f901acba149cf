//! A server as a process of its own, and what it costs.

use std::{
    fs,
    net::TcpListener,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use tokio::{
    process::{Child, Command},
    time::sleep,
};

/// Clock ticks of /proc in a second; Linux has had no other for decades.
const TICKS: f64 = 100.0;

/// A running server.
pub struct Server {
    child: Child,
    pub base: String,
    /// From the start of the process to its first good answer.
    pub ready_after: Duration,
}

impl Server {
    /// Starts a program with settings, and waits until `path` answers.
    pub async fn start(
        program: &str,
        arguments: &[&str],
        settings: &[(&str, String)],
        path: &str,
    ) -> anyhow::Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let base = format!("http://127.0.0.1:{port}");
        let mut command = Command::new(program);
        command.args(arguments).env("BIND", format!("127.0.0.1:{port}"));
        command.envs(settings.iter().map(|(name, it)| (*name, it.as_str())));
        command.stdout(Stdio::null()).kill_on_drop(true);
        if std::env::var_os("LOAD_SHOWS_LOGS").is_none() {
            command.stderr(Stdio::null());
        }
        let started = Instant::now();
        let mut child = command.spawn().with_context(|| format!("{program} cannot be started"))?;
        let client = reqwest::Client::new();
        while started.elapsed() < Duration::from_secs(20) {
            let answer = client.get(format!("{base}{path}")).send().await;
            if answer.is_ok_and(|it| it.status().is_success()) {
                return Ok(Self { child, base, ready_after: started.elapsed() });
            }
            if let Some(status) = child.try_wait()? {
                bail!("{program} ended: {status}");
            }
            sleep(Duration::from_millis(1)).await;
        }
        bail!("{program} does not answer")
    }

    /// Seconds of processor time since its start, all threads.
    pub fn cpu(&self) -> anyhow::Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid()?))?;
        let after_name = stat.rsplit_once(')').context("stat")?.1;
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        let ticks = |index: usize| fields.get(index).and_then(|it| it.parse::<f64>().ok());
        let (user, system) = (ticks(11).context("utime")?, ticks(12).context("stime")?);
        Ok((user + system) / TICKS)
    }

    /// Resident memory, in megabytes of 10^6 bytes.
    pub fn memory(&self) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()?))?;
        let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:")).context("VmRSS")?;
        let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kib * 1024.0 / 1e6)
    }

    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.child.kill().await?;
        Ok(())
    }

    fn pid(&self) -> anyhow::Result<u32> {
        self.child.id().context("it has ended")
    }
}
