//! Two Haomas behind the nginx of `deploy/nginx.conf` are replaced, one after the other, and no request fails.

use std::{sync::Arc, time::Duration};

use test_support::{
    app::variables_with,
    databases::{TestDatabase, mysql_server, redis_server, required_part},
    nginx::nginx_of_two,
    processes::{Process, free_port},
    sms_gateway::Gateway,
};
use tokio::time::{Instant, sleep};

use super::{
    clients::{Clients, Registration},
    env::{GENEROUS, READY, migrate},
    long,
    site::Site,
};

/// The site as clients reach it, and its processes.
struct Rolling {
    site: Site,
    /// The same instances without nginx.
    direct: Site,
    apps: Vec<Process>,
    _nginx: Process,
    _database: TestDatabase,
}

impl Rolling {
    async fn start() -> Option<Self> {
        required_part("TEST_NGINX")?;
        let (database, redis) = (TestDatabase::create(mysql_server()?), redis_server()?);
        let url = database.url();
        migrate(&url).await;
        let (gateway, ports) = (Arc::new(Gateway::start()), [free_port(), free_port()]);
        let mut apps = Vec::new();
        for port in ports {
            let bind = format!("127.0.0.1:{port}");
            let own = [
                ("BIND", &*bind),
                ("DATABASE_URL", &url),
                ("REDIS_URL", &redis),
                ("TRUSTED_PROXIES", "127.0.0.1"),
            ];
            let variables = variables_with(&gateway, GENEROUS.into_iter().chain(own));
            apps.push(Process::haoma(port, variables).await);
        }
        let port = free_port();
        let nginx = Process::nginx(port, &nginx_of_two(port, ports)).await;
        let base = format!("http://127.0.0.1:{port}");
        let site = Site::new([base.clone(), base], gateway, &redis).await;
        let mut direct = site.clone();
        direct.bases = ports.map(|port| format!("http://127.0.0.1:{port}"));
        until_ready(&direct, 0).await;
        until_ready(&direct, 1).await;
        Some(Self { site, direct, apps, _nginx: nginx, _database: database })
    }

    /// Replaces each instance as `docs/install.md` says: SIGTERM, start, and the next one when it is ready.
    async fn replace_each(&mut self) {
        for (at, app) in self.apps.iter_mut().enumerate() {
            assert_eq!(app.terminate().await, Some(0));
            app.start().await;
            until_ready(&self.direct, at).await;
        }
    }
}

async fn until_ready(direct: &Site, at: usize) {
    let started = Instant::now();
    while direct.readiness(at).await.as_deref() != Some(READY) {
        assert!(started.elapsed() < Duration::from_secs(5), "not ready");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Answers after which a captcha is requested again. That is no failure: a request that waited 2 s for a core to draw
/// on is refused, and on a busy machine a test may read a captcha too late.
const ANOTHER_PICTURE: [(u16, &str); 2] = [(503, "4500"), (200, "")];

/// Whether the number needed one captcha and three requests, without any repetition.
fn was_served(registration: &Registration) -> bool {
    let answers = registration
        .answers
        .iter()
        .map(|response| response.as_ref().map(|reply| (reply.0, reply.1.as_str())));
    let answers: Vec<_> = answers
        .filter(|reply| reply.is_none_or(|response| !ANOTHER_PICTURE.contains(&response)))
        .collect();
    registration.is_signed_out && answers == [Some((200, "0")), Some((201, "0")), Some((200, "0"))]
}

fn assert_no_request_failed(registrations: &[Registration]) {
    assert!(registrations.len() > 20, "only {} came", registrations.len());
    let refused: Vec<_> =
        registrations.iter().filter(|registration| !was_served(registration)).collect();
    assert!(refused.is_empty(), "{} of {}: {refused:#?}", refused.len(), registrations.len());
}

/// R125.
#[tokio::test]
async fn a_rolling_restart_fails_no_request() {
    let Some(mut rolling) = Rolling::start().await else { return };
    let clients = Clients::start(&rolling.site);

    rolling.replace_each().await;

    assert_no_request_failed(&clients.stop().await);
}

/// R125.
#[tokio::test]
#[ignore = "minutes: `scripts/test chaos`"]
async fn repeated_rolling_restarts_fail_no_request() {
    let mut rolling = Rolling::start().await.expect("all parts");
    let (clients, begun) = (Clients::start(&rolling.site), Instant::now());

    while begun.elapsed() < long() * 4 {
        rolling.replace_each().await;
    }

    assert_no_request_failed(&clients.stop().await);
}
