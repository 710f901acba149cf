//! A server process with its child processes, and what they cost together.

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

/// The clock ticks of /proc in a second, which have not changed on Linux for decades.
const TICKS: f64 = 100.0;
/// The timeout of a start: some servers first create their tables.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A running server.
pub struct Server {
    child: Child,
    pub base: String,
    /// The time from the start of the process to its first successful answer.
    pub ready_after: Duration,
}

impl Server {
    /// Starts a program with settings, and waits until `path` answers.
    pub async fn start(
        mut command: Command,
        settings: &[(&str, String)],
        path: &str,
    ) -> anyhow::Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let base = format!("http://127.0.0.1:{port}");
        let program = command.as_std().get_program().to_string_lossy().into_owned();
        command.env("BIND", format!("127.0.0.1:{port}"));
        command.envs(settings.iter().map(|(name, value)| (*name, value.as_str())));
        command.stdout(Stdio::null()).kill_on_drop(true);
        if std::env::var_os("LOAD_SHOWS_LOGS").is_none() {
            command.stderr(Stdio::null());
        }
        let started = Instant::now();
        let mut child = command.spawn().with_context(|| format!("{program} cannot be started"))?;
        let client = reqwest::Client::new();
        while started.elapsed() < START_TIMEOUT {
            let answer = client.get(format!("{base}{path}")).send().await;
            if answer.is_ok_and(|reply| reply.status().is_success()) {
                return Ok(Self { child, base, ready_after: started.elapsed() });
            }
            if let Some(status) = child.try_wait()? {
                bail!("{program} ended: {status}");
            }
            sleep(Duration::from_millis(1)).await;
        }
        bail!("{program} does not answer")
    }

    /// Returns the processor seconds of all threads of all its processes since the start.
    pub fn cpu(&self) -> anyhow::Result<f64> {
        self.processes()?.into_iter().map(cpu_of).sum()
    }

    /// Returns the resident memory in megabytes of 10^6 bytes. Memory that processes share counts for each of them.
    pub fn memory(&self) -> anyhow::Result<f64> {
        self.processes()?.into_iter().map(memory_of).sum()
    }

    /// Ends the server and its child processes, which do not end with a killed parent.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let own = self.pid()?;
        let others = self.processes()?.into_iter().filter(|process| *process != own);
        let others: Vec<_> = others.map(|process| process.to_string()).collect();
        self.child.kill().await?;
        if !others.is_empty() {
            // Some children have ended with their parent already.
            Command::new("kill").args(others).stderr(Stdio::null()).status().await?;
        }
        Ok(())
    }

    fn pid(&self) -> anyhow::Result<u32> {
        self.child.id().context("it has ended")
    }

    fn processes(&self) -> anyhow::Result<Vec<u32>> {
        let mut found = vec![self.pid()?];
        let mut next = 0;
        while let Some(pid) = found.get(next) {
            let children = children_of(*pid)?;
            found.extend(children);
            next += 1;
        }
        Ok(found)
    }
}

fn children_of(pid: u32) -> anyhow::Result<Vec<u32>> {
    let mut children = Vec::new();
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread that has ended since has no children.
        let text = fs::read_to_string(thread?.path().join("children")).unwrap_or_default();
        children.extend(text.split_whitespace().filter_map(|word| word.parse::<u32>().ok()));
    }
    Ok(children)
}

fn cpu_of(pid: u32) -> anyhow::Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let after_name = stat.rsplit_once(')').context("stat")?.1;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok());
    let (user, system) = (ticks(11).context("utime")?, ticks(12).context("stime")?);
    Ok((user + system) / TICKS)
}

fn memory_of(pid: u32) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib * 1024.0 / 1e6)
}
