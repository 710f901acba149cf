//! Two Haomas on their own MariaDB and Redis, with a TCP proxy in front of each store, and the faults that can be
//! injected.

use std::{fs, sync::Arc, time::Duration};

use futures_util::join;
use test_support::{
    app::{fresh_mobile, variables_with},
    cli,
    databases::execute,
    processes::{Process, free_port},
    sms_gateway::{Answer, Gateway},
    tcp_proxy::TcpProxy,
};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{
    clients::register,
    site::{Reply, Site},
};

/// Within this time everything has to work again (R129).
pub(super) const RECOVERY: Duration = Duration::from_secs(5);
/// Longer than any request waits for a store (R123).
const OUTAGE: Duration = Duration::from_secs(4);

/// The body of `/readyz` of an instance that can serve.
pub(super) const READY: &str = r#"{"status":"up"}"#;

/// Raises limits that are not tested here.
pub(super) const GENEROUS: [(&str, &str); 8] = [
    ("SMS_PER_MINUTE", "1000000"),
    ("SMS_PER_HOUR", "1000000"),
    ("SMS_PER_DAY", "1000000"),
    ("SMS_VERIFIED_PERCENT", "0"),
    ("POW", "off"),
    // After every fault, sign-ins of unregistered numbers have to fail without a captcha.
    ("SIGN_IN_FAILURES_BEFORE_CAPTCHA", "10"),
    ("SIGN_IN_FAILURES", "100"),
    ("ADDRESS_ALLOW", "127.0.0.1"),
];

/// A store that can fail.
#[derive(Clone, Copy, Debug)]
pub(super) enum Store {
    Redis,
    Database,
}

/// A fault.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    KillHaoma,
    EndHaoma,
    Kill(Store),
    /// No server listens at its port.
    Refuse(Store),
    Hang(Store),
    Cut(Store),
}

impl Fault {
    /// All faults.
    pub(super) const ALL: [Self; 10] = [
        Self::KillHaoma,
        Self::EndHaoma,
        Self::Kill(Store::Redis),
        Self::Kill(Store::Database),
        Self::Refuse(Store::Redis),
        Self::Refuse(Store::Database),
        Self::Hang(Store::Redis),
        Self::Hang(Store::Database),
        Self::Cut(Store::Redis),
        Self::Cut(Store::Database),
    ];
}

/// The processes.
pub(super) struct ChaosEnv {
    pub(super) site: Site,
    pub(super) apps: [Process; 2],
    database: Process,
    redis: Process,
    to_database: TcpProxy,
    to_redis: TcpProxy,
}

impl ChaosEnv {
    /// Starts everything, with this Redis.
    pub(super) async fn on(redis: Process) -> Self {
        let database = Process::mariadb_with(" --innodb-flush-log-at-trx-commit=1").await;
        execute(database.mysql_root(), "CREATE DATABASE haoma".to_owned());
        let to_database = TcpProxy::to(database.port()).await;
        let to_redis = TcpProxy::to(redis.port()).await;
        let gateway = Arc::new(Gateway::start());
        // The client would find the server's socket and bypass the proxy.
        let parameters = "prefer_socket=false";
        let port = to_database.port();
        let stores = [
            ("DATABASE_URL", &*format!("mysql://root@127.0.0.1:{port}/haoma?{parameters}")),
            ("REDIS_URL", &*format!("redis://127.0.0.1:{}/0", to_redis.port())),
        ];
        migrate(stores[0].1).await;
        let ports = [free_port(), free_port()];
        let mut apps = Vec::new();
        for port in ports {
            let bind = format!("127.0.0.1:{port}");
            let own = [("BIND", &*bind)];
            let variables = stores.into_iter().chain(GENEROUS).chain(own);
            apps.push(Process::haoma(port, variables_with(&gateway, variables)).await);
        }
        let apps = <[_; 2]>::try_from(apps).ok().expect("two");
        let bases = ports.map(|port| format!("http://127.0.0.1:{port}"));
        let url = format!("redis://127.0.0.1:{}/0", redis.port());
        let site = Site::new(bases, gateway, &url).await;
        Self { site, apps, database, redis, to_database, to_redis }
    }

    /// Returns the URL of the database itself, which bypasses the proxy.
    pub(super) fn database(&self) -> String {
        format!("{}/haoma", self.database.mysql_root())
    }

    /// Injects a fault, ends it, and checks that everything works again in time.
    pub(super) async fn inject(&mut self, fault: Fault) {
        match fault {
            Fault::KillHaoma => restart(&mut self.apps[0], Duration::ZERO).await,
            Fault::EndHaoma => self.end_one().await,
            Fault::Kill(store) => restart(self.store(store).0, OUTAGE).await,
            Fault::Refuse(store) => refuse(self.store(store).1).await,
            Fault::Hang(store) => hang(self.store(store).0).await,
            Fault::Cut(store) => cut(self.store(store).1).await,
        }
        self.assert_recovers().await;
    }

    /// Returns a store and its proxy.
    fn store(&mut self, store: Store) -> (&mut Process, &mut TcpProxy) {
        match store {
            Store::Redis => (&mut self.redis, &mut self.to_redis),
            Store::Database => (&mut self.database, &mut self.to_database),
        }
    }

    /// R125: requests that wait for a provider get an answer, and the instance gets no new ones.
    async fn end_one(&mut self) {
        self.site.gateway.answer(Answer::After(Duration::from_secs(2)));
        let waiting = self.start_five_sends().await;
        let (site, app) = (&self.site, &mut self.apps[0]);
        let left = async {
            while site.readiness(0).await.as_deref() == Some(READY) {
                sleep(Duration::from_millis(10)).await;
            }
            Instant::now()
        };

        let ((code, ended), left) = join!(async { (app.terminate().await, Instant::now()) }, left);

        self.site.gateway.answer(Answer::Accept);
        assert_eq!(code, Some(0), "{}", self.logs());
        assert!(left < ended, "ready to the last");
        for reply in waiting.join_all().await {
            assert_eq!(reply.as_ref().map(|reply| reply.status), Some(200), "{reply:?}");
        }
        self.apps[0].start().await;
    }

    /// Starts requests whose message is with a slow provider.
    async fn start_five_sends(&self) -> JoinSet<Option<Reply>> {
        let (site, mut waiting) = (&self.site, JoinSet::new());
        for mobile in [(); 5].map(|()| fresh_mobile()) {
            let solved = site.solves(0).await.expect("a picture");
            let (asking, asked) = (site.clone(), mobile.clone());
            waiting.spawn(async move { asking.request_code(0, &asked, &solved).await });
            let begun = Instant::now();
            while site.gateway.count_for(&mobile) == 0 {
                assert!(begun.elapsed() < Duration::from_secs(30), "no message was sent");
                sleep(Duration::from_millis(10)).await;
            }
        }
        waiting
    }

    /// R129, R133: everything works without a restart, from the first request on.
    async fn assert_recovers(&self) {
        let returned = Instant::now();
        for at in 0..2 {
            loop {
                let readiness = self.site.readiness(at).await;
                if readiness.as_deref() == Some(READY) {
                    break;
                }
                assert!(returned.elapsed() < RECOVERY, "{readiness:?}: {}", self.logs());
                sleep(Duration::from_millis(50)).await;
            }
        }
        for at in 0..2 {
            let registration = register(&self.site, at, 1).await;
            assert!(registration.registered.is_some(), "{registration:?}: {}", self.logs());
        }
    }

    /// Returns the last lines of each process, for the message of a failed test.
    pub(super) fn logs(&self) -> String {
        let complaints = self.apps.each_ref().map(|app| {
            let log = fs::read_to_string(app.log()).expect("a log");
            let is_it = |text: &&str| text.contains(" WARN ") || text.contains(" ERROR ");
            let mut lines: Vec<_> = log.lines().rev().filter(is_it).take(60).collect();
            lines.reverse();
            lines.join("\n")
        });
        format!("\n{}\n", complaints.join("\n\n"))
    }

    /// Checks that no thread has panicked.
    pub(super) fn assert_no_panic(&self) {
        for app in &self.apps {
            let log = fs::read_to_string(app.log()).expect("a log");
            let fell = log.lines().find(|line| line.contains("event=panic"));
            assert!(fell.is_none(), "{fell:?}");
        }
    }
}

/// Creates the tables on another thread: a TCP proxy may run on this runtime, which must not block.
pub(super) async fn migrate(url: &str) {
    let url = url.to_owned();
    let migrated = tokio::task::spawn_blocking(move || cli::run_haoma(&url, &["migrate"]));
    let migrated = migrated.await.expect("no panic");
    assert!(migrated.is_success, "{migrated:?}");
}

async fn restart(process: &mut Process, outage: Duration) {
    process.kill();
    sleep(outage).await;
    process.start().await;
}

async fn refuse(proxy: &mut TcpProxy) {
    proxy.close().await;
    sleep(OUTAGE).await;
    proxy.open().await;
}

async fn hang(store: &Process) {
    store.hang().await;
    sleep(OUTAGE).await;
    store.resume();
}

async fn cut(proxy: &TcpProxy) {
    proxy.cut(true);
    sleep(OUTAGE).await;
    proxy.cut(false);
}
