//! A full disk: writes are refused, reads are served, and everything works again when there is room.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    iter::zip,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use test_support::{
    app::{fresh_mobile, variables_with},
    databases::{execute, mysql_server, redis_server},
    processes::{Process, free_port},
    sms_gateway::Gateway,
};
use tokio::time::{Instant, sleep};

use super::{
    clients::{Registration, register},
    env::{GENEROUS, READY, RECOVERY, migrate},
    site::{Reply, Site},
};

/// Pages in use still have room, so up to this many registrations succeed before the first is refused.
const MOST_IN_BEGUN_PAGES: usize = 400;
const PASSWORD: &str = "correct horse 7";

/// The disk of a process.
struct Disk(PathBuf);

impl Disk {
    fn of(process: &Process) -> Self {
        Self(process.disk().join("filler"))
    }

    /// Writes until there is no room for another byte.
    fn fill(&self) {
        let mut filler = File::create(&self.0).expect("a file");
        for size in [1 << 20, 4096, 1] {
            let block = vec![0; size];
            let error = loop {
                if let Err(error) = filler.write_all(&block) {
                    break error;
                }
            };
            assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{error}");
        }
    }

    fn free(&self) {
        fs::remove_file(&self.0).expect("removed");
    }
}

/// A Haoma, its stores and its clients.
struct FullDiskEnv {
    site: Site,
    _haoma: Process,
}

impl FullDiskEnv {
    /// Starts a Haoma on this database; `None` if there is no Redis.
    async fn on(
        database: &str,
        start: impl AsyncFnOnce(u16, Vec<(String, String)>) -> Process,
    ) -> Option<Self> {
        let (redis, gateway, port) = (redis_server()?, Arc::new(Gateway::start()), free_port());
        let bind = format!("127.0.0.1:{port}");
        let own = [("BIND", &*bind), ("DATABASE_URL", database), ("REDIS_URL", &redis)];
        let app = start(port, variables_with(&gateway, GENEROUS.into_iter().chain(own))).await;
        let base = format!("http://{bind}");
        let site = Site::new([base.clone(), base], gateway, &redis).await;
        Some(Self { site, _haoma: app })
    }

    /// Requests a code; returns the number and the code.
    async fn texted(&self) -> (String, String) {
        let mobile = fresh_mobile();
        let solved = self.site.solves(0).await.expect("a picture");
        let asked = self.site.request_code(0, &mobile, &solved).await;
        assert_verdict(asked.as_ref(), (200, "0"));
        let code = self.site.gateway.last_code_for(&mobile).expect("a code");
        (mobile, code)
    }

    async fn register(&self, (mobile, code): &(String, String)) -> Reply {
        self.site.register(0, mobile, code, PASSWORD).await.expect("an answer")
    }

    /// Registers numbers until one is refused because nothing can be written.
    async fn until_it_is_full(&self) -> Vec<Registration> {
        let mut registrations = Vec::new();
        loop {
            let registration = register(&self.site, 0, 1).await;
            let is_refused = registration
                .answers
                .iter()
                .flatten()
                .any(|reply| *reply == (503, "4001".to_owned()));
            assert!(is_refused || registration.is_signed_out, "{registration:?}");
            registrations.push(registration);
            if is_refused {
                return registrations;
            }
            assert!(registrations.len() < MOST_IN_BEGUN_PAGES, "a disk without an end");
        }
    }

    /// Whether the instance is ready, which it is not while the disk is full.
    async fn is_ready(&self) -> bool {
        self.site.readiness(0).await.as_deref() == Some(READY)
    }

    /// R129.
    async fn assert_recovers(&self) {
        let begun = Instant::now();
        while register(&self.site, 0, 1).await.registered.is_none() {
            assert!(begun.elapsed() < RECOVERY, "still full");
            sleep(Duration::from_millis(50)).await;
        }
        while !self.is_ready().await {
            assert!(begun.elapsed() < RECOVERY, "still not ready");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// R132: an acknowledged account is complete, and of any other nothing exists.
    async fn assert_all_or_nothing(&self, registrations: &[Registration]) {
        for registration in registrations {
            let verdict =
                if registration.registered.is_some() { (200, "0") } else { (401, "4102") };
            let signed_in =
                self.site.sign_in(0, &registration.mobile, &registration.password).await;
            assert_verdict(signed_in.as_ref(), verdict);
        }
    }
}

#[track_caller]
fn assert_verdict(reply: Option<&Reply>, verdict: (u16, &str)) {
    assert_eq!(reply.map(|reply| (reply.status, reply.errno.as_str())), Some(verdict), "{reply:?}");
}

/// R129, R132.
#[tokio::test]
async fn on_a_full_disk_writes_are_refused_and_reads_are_served() {
    let mut disk = None;
    let env = FullDiskEnv::on("sqlite://disk/haoma.db", async |port, variables| {
        let haoma = Process::haoma_on_a_disk("8m", port, variables).await;
        disk = Some((Disk::of(&haoma), haoma.log()));
        haoma
    });
    let (Some(env), Some((disk, log))) = (env.await, disk) else { return };
    let (here, pending) = (env.texted().await, env.texted().await);
    let here = (env.register(&here).await, here.0);
    assert_verdict(Some(&here.0), (201, "0"));

    disk.fill();
    let registrations = env.until_it_is_full().await;
    let (site, refused) = (&env.site, (503, "4001"));
    let solved = site.solves(0).await.expect("a picture is kept elsewhere");
    assert_verdict(site.request_code(0, &fresh_mobile(), &solved).await.as_ref(), refused);
    assert_verdict(Some(&env.register(&pending).await), refused);
    assert_verdict(site.sign_in(0, &here.1, PASSWORD).await.as_ref(), refused);
    assert_verdict(site.signs_out(0, &here.0).await.as_ref(), refused);
    assert!(!env.is_ready().await);
    assert_verdict(site.is_known(0, &here.0).await.as_ref(), (200, "0"));
    let lines = fs::read_to_string(log).expect("a log");
    let line = "event=database_takes_no_writes database=\"the SQLite file /";
    let rest = lines.split_once(line).unwrap_or_else(|| panic!("{lines}")).1;
    assert!(rest.contains("/disk/haoma.db\"") && rest.contains("make room on its disk"), "{lines}");

    disk.free();
    env.assert_recovers().await;
    env.assert_all_or_nothing(&registrations).await;
    assert_verdict(Some(&env.register(&pending).await), (201, "0"));
    assert_verdict(site.signs_out(0, &here.0).await.as_ref(), (200, "0"));
    assert_verdict(site.is_known(0, &here.0).await.as_ref(), (401, "4101"));
}

/// R129, R132: MariaDB has room in the pages of one table and none for those of another.
#[tokio::test]
async fn a_mariadb_on_a_full_disk_loses_nothing_and_half_commits_nothing() {
    if mysql_server().is_none() {
        return;
    }
    let server = Process::mariadb_on_a_disk("160m").await;
    let root = server.mysql_root();
    execute(root.clone(), "CREATE DATABASE haoma".to_owned());
    let (url, disk) = (format!("{root}/haoma"), Disk::of(&server));
    migrate(&url).await;
    let Some(env) = FullDiskEnv::on(&url, Process::haoma).await else { return };
    let here = env.texted().await;
    let here = env.register(&here).await;
    let pending = [env.texted().await, env.texted().await, env.texted().await];

    disk.fill();
    let registrations = env.until_it_is_full().await;
    assert!(!env.is_ready().await);
    let mut answers = Vec::new();
    for entry in &pending {
        answers.push(env.register(entry).await);
    }
    assert_verdict(env.site.is_known(0, &here).await.as_ref(), (200, "0"));

    disk.free();
    env.assert_recovers().await;
    env.assert_all_or_nothing(&registrations).await;
    for (entry, answer) in zip(&pending, answers) {
        let verdict = match answer.status {
            201 => (422, "4002"),
            503 => (201, "0"),
            _ => panic!("{answer:?}"),
        };
        assert_verdict(Some(&env.register(entry).await), verdict);
        assert_verdict(env.site.sign_in(0, &entry.0, PASSWORD).await.as_ref(), (200, "0"));
    }
}
