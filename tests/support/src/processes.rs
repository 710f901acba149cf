//! Server processes that a test may stop, kill and start again.

use std::{
    env::current_exe,
    fs::{self, OpenOptions},
    net::TcpListener,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::LazyLock,
    time::Duration,
};

use tempfile::TempDir;
use tokio::{net::TcpStream, time::Instant};

use crate::nginx::nginx_conf;

/// A server process with its own port; killed at the end of the test.
pub struct Process {
    folder: TempDir,
    port: u16,
    arguments: Vec<String>,
    program: &'static str,
    environment: Vec<(String, String)>,
    /// The size of its own disk, if it has one.
    disk: Option<&'static str>,
    child: Option<Child>,
}

/// Mounts a file system of this size at `disk`, which only the process sees, with a copy of `seed` on it. It needs no
/// special rights and is gone with the process.
const ON_A_DISK: &str = "mkdir -p seed disk && mount -t tmpfs -o size=$0 none disk && \
    cp -a --sparse=never seed/. disk && exec \"$@\"";

impl Process {
    /// Starts a Redis without persistence.
    pub async fn redis() -> Self {
        let port = free_port();
        Self::redis_with(port, &format!("--port {port}")).await
    }

    /// Does the same with the test's own arguments, which have to include the port.
    pub async fn redis_with(port: u16, arguments: &str) -> Self {
        let arguments = format!("{arguments} --bind 127.0.0.1 --save  --appendonly no");
        Self::begin("redis-server", port, words(&arguments), folder()).await
    }

    /// Starts a Redis that writes to the disk before it acknowledges.
    pub async fn persistent_redis() -> Self {
        let port = free_port();
        let arguments =
            format!("--port {port} --bind 127.0.0.1 --save  --appendonly yes --appendfsync always");
        Self::begin("redis-server", port, words(&arguments), folder()).await
    }

    /// Starts a Haoma on this port, with these settings only.
    pub async fn haoma(port: u16, environment: Vec<(String, String)>) -> Self {
        Self::haoma_on(None, port, environment).await
    }

    /// Does the same with a folder `disk` of this size, such as `8m`.
    pub async fn haoma_on_a_disk(
        size: &'static str,
        port: u16,
        environment: Vec<(String, String)>,
    ) -> Self {
        Self::haoma_on(Some(size), port, environment).await
    }

    async fn haoma_on(
        disk: Option<&'static str>,
        port: u16,
        environment: Vec<(String, String)>,
    ) -> Self {
        let (program, arguments, folder) = (haoma_binary(), Vec::new(), folder());
        let mut process = Self { folder, port, arguments, program, environment, disk, child: None };
        process.start().await;
        process
    }

    /// Starts an nginx on this port, with this inside its `http` block.
    pub async fn nginx(port: u16, block: &str) -> Self {
        let folder = folder();
        fs::write(folder.path().join("nginx.conf"), nginx_conf(block, folder.path()))
            .expect("written");
        let here = folder.path().display().to_string();
        let arguments = words(&format!("-p {here} -e error.log -c nginx.conf"));
        Self::begin("nginx", port, arguments, folder).await
    }

    /// Starts a Sentinel with these lines in its configuration.
    pub async fn sentinel(port: u16, lines: &str) -> Self {
        let folder = folder();
        fs::write(folder.path().join("sentinel.conf"), lines).expect("written");
        Self::begin("redis-server", port, words("sentinel.conf --sentinel"), folder).await
    }

    /// Starts a MariaDB with a user `root` without a password and a database `haoma`.
    pub async fn mariadb() -> Self {
        Self::mariadb_with("").await
    }

    /// Does the same with the test's own arguments, each after a space.
    pub async fn mariadb_with(arguments: &str) -> Self {
        Self::mariadb_on(None, arguments).await
    }

    /// Does the same with all its data in a folder `disk` of this size.
    pub async fn mariadb_on_a_disk(size: &'static str) -> Self {
        Self::mariadb_on(Some(size), "").await
    }

    async fn mariadb_on(disk: Option<&'static str>, arguments: &str) -> Self {
        let (port, folder) = (free_port(), folder());
        let at = |text: &str| folder.path().join(text).display().to_string();
        let (made, data, socket) =
            (at("seed"), at(if disk.is_some() { "disk" } else { "seed" }), at("s"));
        // A starting server empties this folder, even if another server's temporary tables are in it.
        let temporary = at("temporary");
        fs::create_dir(&temporary).expect("a folder");
        // MariaDB runs as root only if it is told to.
        let is_root = fs::metadata(folder.path()).expect("a folder").uid() == 0;
        let user = |is_root: bool| if is_root { " --user=root" } else { "" };
        let small = if disk.is_some() { " --innodb-log-file-size=4M" } else { "" };
        let install = format!(
            "--no-defaults{} --datadir={made} --tmpdir={temporary} --skip-test-db --auth-root-authentication-method=normal{small}",
            user(is_root)
        );
        let done = Command::new("mariadb-install-db").args(words(&install)).output();
        let done = done.expect("mariadb-install-db");
        assert!(done.status.success(), "mariadb-install-db failed: {done:?}");
        let arguments = format!(
            "--no-defaults{} --datadir={data} --tmpdir={temporary} --port={port} --bind-address=127.0.0.1 \
             --socket={socket} --pid-file={socket}.pid --innodb-buffer-pool-size=16M{small}{arguments}",
            user(is_root || disk.is_some())
        );
        Self::begin_on(disk, "mariadbd", port, words(&arguments), folder).await
    }

    async fn begin(
        program: &'static str,
        port: u16,
        arguments: Vec<String>,
        folder: TempDir,
    ) -> Self {
        Self::begin_on(None, program, port, arguments, folder).await
    }

    async fn begin_on(
        disk: Option<&'static str>,
        program: &'static str,
        port: u16,
        arguments: Vec<String>,
        folder: TempDir,
    ) -> Self {
        let environment = Vec::new();
        let mut process = Self { folder, port, arguments, program, environment, disk, child: None };
        process.start().await;
        process
    }

    /// Starts it, or starts it again, and waits until it listens.
    pub async fn start(&mut self) {
        let program = found(self.program);
        let mut command = if let Some(size) = self.disk {
            let mut command = Command::new("unshare");
            let own = ["--mount", "--map-root-user", "sh", "-c", ON_A_DISK, size, &program];
            command.args(own);
            command
        } else {
            Command::new(program)
        };
        command.args(&self.arguments).current_dir(self.folder.path());
        if !self.environment.is_empty() {
            command.env_clear().envs(self.environment.iter().cloned());
        }
        let log = OpenOptions::new().create(true).append(true).open(self.log()).expect("a log");
        self.child = Some(command.stdout(Stdio::null()).stderr(log).spawn().expect("starts"));
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            assert!(started.elapsed() < Duration::from_mins(1), "{} does not start", self.program);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Kills it with SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("killed");
            child.wait().expect("gone");
        }
    }

    /// Sends SIGTERM, waits for its end and returns its exit code.
    pub async fn terminate(&mut self) -> Option<i32> {
        self.signal("-TERM");
        let mut child = self.child.take().expect("a process");
        tokio::task::spawn_blocking(move || child.wait().expect("gone").code())
            .await
            .expect("no panic")
    }

    /// Stops it with SIGSTOP: it still listens and does not answer.
    pub async fn hang(&self) {
        self.signal("-STOP");
        // A signal takes effect only later: on a busy machine, other threads may still answer.
        let signalled = Instant::now();
        while !self.is_stopped() {
            assert!(signalled.elapsed() < Duration::from_mins(1), "{} does not stop", self.program);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    fn is_stopped(&self) -> bool {
        let threads = fs::read_dir(format!("/proc/{}/task", self.id())).expect("its threads");
        threads.flatten().all(|entry| {
            // A thread that has ended does not answer either.
            fs::read_to_string(entry.path().join("status"))
                .map_or(true, |status| status.contains("State:\tT"))
        })
    }

    /// Continues it after `hang`.
    pub fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().expect("kill").success());
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the administrator's URL of a MariaDB.
    pub fn mysql_root(&self) -> String {
        format!("mysql://root@127.0.0.1:{}", self.port)
    }

    pub fn id(&self) -> u32 {
        self.child.as_ref().expect("a process").id()
    }

    /// Returns the path to its own disk, as this process sees it.
    pub fn disk(&self) -> PathBuf {
        let folder = self.folder.path().strip_prefix("/").expect("a whole path");
        Path::new("/proc").join(self.id().to_string()).join("root").join(folder).join("disk")
    }

    /// Returns the file with its error output since its first start.
    pub fn log(&self) -> PathBuf {
        self.folder.path().join("stderr.log")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn folder() -> TempDir {
    TempDir::new().expect("a folder")
}

fn words(text: &str) -> Vec<String> {
    // Two spaces give an empty argument, as in `--save ''`.
    text.split(' ').map(str::to_owned).collect()
}

fn found(program: &'static str) -> String {
    let beside = format!("/usr/sbin/{program}");
    if Path::new(&beside).exists() { beside } else { program.to_owned() }
}

/// Returns a port below the kernel's ephemeral range, so that no other test gets it in between.
pub fn free_port() -> u16 {
    loop {
        let port = rand::random_range(20_000..32_000);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Returns the binary `haoma` of this build.
pub fn haoma_binary() -> &'static str {
    static PATH: LazyLock<String> =
        LazyLock::new(|| build_folder().join("haoma").to_str().expect("a path").to_owned());

    &PATH
}

/// Returns the folder of this build, such as `target/debug`. Test targets are in `deps` below it.
pub fn build_folder() -> PathBuf {
    let executable = current_exe().expect("this test");
    executable.parent().and_then(Path::parent).expect("a build folder").to_owned()
}
