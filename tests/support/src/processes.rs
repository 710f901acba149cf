//! Servers of a test's own, which it may stop, kill and start again.

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

use crate::nginx::around;

/// A server process on a port of its own; killed with the test.
pub struct Process {
    folder: TempDir,
    port: u16,
    arguments: Vec<String>,
    program: &'static str,
    environment: Vec<(String, String)>,
    /// How large its own disk is, if it has one.
    disk: Option<&'static str>,
    child: Option<Child>,
}

/// Makes `disk` a file system of so many bytes that only the process sees, with a copy of `seed` on it. It needs no
/// rights but those of whoever runs the tests, and goes with the process.
const ON_A_DISK: &str = "mkdir -p seed disk && mount -t tmpfs -o size=$0 none disk && \
    cp -a --sparse=never seed/. disk && exec \"$@\"";

impl Process {
    /// A Redis that keeps nothing on the disk.
    pub async fn redis() -> Self {
        let port = free_port();
        Self::redis_with(port, &format!("--port {port}")).await
    }

    /// The same with arguments of the test's own, which say how it listens on the port.
    pub async fn redis_with(port: u16, arguments: &str) -> Self {
        let arguments = format!("{arguments} --bind 127.0.0.1 --save  --appendonly no");
        Self::begin("redis-server", port, words(&arguments), folder()).await
    }

    /// One that has what it has acknowledged on the disk.
    pub async fn lasting_redis() -> Self {
        let port = free_port();
        let arguments =
            format!("--port {port} --bind 127.0.0.1 --save  --appendonly yes --appendfsync always");
        Self::begin("redis-server", port, words(&arguments), folder()).await
    }

    /// A Haoma that listens on this port, with these settings and no others.
    pub async fn haoma(port: u16, environment: Vec<(String, String)>) -> Self {
        Self::haoma_on(None, port, environment).await
    }

    /// The same with a folder `disk` that has room for so many bytes, such as `8m`.
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

    /// An nginx that listens on this port, with this inside its `http`.
    pub async fn nginx(port: u16, block: &str) -> Self {
        let folder = folder();
        fs::write(folder.path().join("nginx.conf"), around(block, folder.path())).expect("written");
        let here = folder.path().display().to_string();
        let arguments = words(&format!("-p {here} -e error.log -c nginx.conf"));
        Self::begin("nginx", port, arguments, folder).await
    }

    /// A Sentinel with such lines in its file.
    pub async fn sentinel(port: u16, lines: &str) -> Self {
        let folder = folder();
        fs::write(folder.path().join("sentinel.conf"), lines).expect("written");
        Self::begin("redis-server", port, words("sentinel.conf --sentinel"), folder).await
    }

    /// A MariaDB with a user `root` without a password and a database `haoma`.
    pub async fn mariadb() -> Self {
        Self::mariadb_with("").await
    }

    /// The same with arguments of the test's own, each after a space.
    pub async fn mariadb_with(arguments: &str) -> Self {
        Self::mariadb_on(None, arguments).await
    }

    /// The same with all that it keeps in a folder `disk` that has room for so many bytes.
    pub async fn mariadb_on_a_disk(size: &'static str) -> Self {
        Self::mariadb_on(Some(size), "").await
    }

    async fn mariadb_on(disk: Option<&'static str>, arguments: &str) -> Self {
        let (port, folder) = (free_port(), folder());
        let at = |text: &str| folder.path().join(text).display().to_string();
        let (made, data, socket) =
            (at("seed"), at(if disk.is_some() { "disk" } else { "seed" }), at("s"));
        // A server that starts clears this folder, of another's tables that are in use too.
        let temporary = at("temporary");
        fs::create_dir(&temporary).expect("a folder");
        // Who runs it as root must say that this is meant.
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

    /// Starts it (again), and waits until it listens.
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

    /// Ends it without a farewell.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("killed");
            child.wait().expect("gone");
        }
    }

    /// Asks it to end, waits until it has, and tells its exit code.
    pub async fn terminate(&mut self) -> Option<i32> {
        self.signal("-TERM");
        let mut child = self.child.take().expect("a process");
        tokio::task::spawn_blocking(move || child.wait().expect("gone").code())
            .await
            .expect("no panic")
    }

    /// Lets it hang: it still listens, and answers nobody.
    pub async fn hang(&self) {
        self.signal("-STOP");
        // A signal is sent before it has taken hold: on a busy machine another thread answers meanwhile.
        let signalled = Instant::now();
        while !self.is_stopped() {
            assert!(signalled.elapsed() < Duration::from_mins(1), "{} does not stop", self.program);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    fn is_stopped(&self) -> bool {
        let threads = fs::read_dir(format!("/proc/{}/task", self.id())).expect("its threads");
        threads.flatten().all(|entry| {
            // One that has ended since answers nobody either.
            fs::read_to_string(entry.path().join("status"))
                .map_or(true, |status| status.contains("State:\tT"))
        })
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().expect("kill").success());
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where its administrator speaks to a MariaDB.
    pub fn mysql_root(&self) -> String {
        format!("mysql://root@127.0.0.1:{}", self.port)
    }

    pub fn id(&self) -> u32 {
        self.child.as_ref().expect("a process").id()
    }

    /// Its own disk, seen from here.
    pub fn disk(&self) -> PathBuf {
        let folder = self.folder.path().strip_prefix("/").expect("a whole path");
        Path::new("/proc").join(self.id().to_string()).join("root").join(folder).join("disk")
    }

    /// What it has said on its error output, in all its lives.
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
    // Two spaces make an empty argument, as `--save ''` wants it.
    text.split(' ').map(str::to_owned).collect()
}

fn found(program: &'static str) -> String {
    let beside = format!("/usr/sbin/{program}");
    if Path::new(&beside).exists() { beside } else { program.to_owned() }
}

/// Below those that the kernel gives out by itself, so that no test takes it in between.
pub fn free_port() -> u16 {
    loop {
        let port = rand::random_range(20_000..32_000);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// The binary `haoma` of this build.
pub fn haoma_binary() -> &'static str {
    static PATH: LazyLock<String> =
        LazyLock::new(|| build_folder().join("haoma").to_str().expect("a path").to_owned());

    &PATH
}

/// The folder of this build, such as `target/debug`. Test targets are in `deps` below it.
pub fn build_folder() -> PathBuf {
    let executable = current_exe().expect("this test");
    executable.parent().and_then(Path::parent).expect("a build folder").to_owned()
}
