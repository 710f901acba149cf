//! The certificate of a remote Redis has to be valid for its name (R116).

use std::{fs, path::Path, process::Command, time::Duration};

use haoma::stores::kv::{Redis, RedisUrl};
use test_support::{
    databases::redis_server,
    processes::{Process, free_port},
    tls_ca::{Authority, Certificate},
};
use tokio::time::Instant;

use super::{assert_all_flows_work, on_redis};

/// Returns the settings of a server that listens with TLS only, each with the prefix `before`.
fn listening(port: u16, authority: &Authority, its: &Certificate, before: &str) -> String {
    let path = |path: &Path| path.display().to_string();
    let settings = [
        "port 0".to_owned(),
        format!("tls-port {port}"),
        "tls-auth-clients no".to_owned(),
        format!("tls-cert-file {}", path(&its.certificate)),
        format!("tls-key-file {}", path(&its.key)),
        format!("tls-ca-cert-file {}", path(&authority.file())),
    ];
    settings.map(|line| format!("{before}{line}")).concat()
}

async fn redis(authority: &Authority, its: &Certificate, more: &str) -> Process {
    let port = free_port();
    let arguments = listening(port, authority, its, " --");
    Process::redis_with(port, &format!("{}{more}", arguments.trim_start())).await
}

async fn connects(url: &str, believed: Option<&Authority>) -> bool {
    let authorities = believed.map(|authority| fs::read(authority.file()).expect("a file"));
    let address = RedisUrl::parse(url).expect("an address").with_authorities(authorities);
    match Redis::connect(&address).await {
        Ok(redis) => redis.server_info().await.is_ok(),
        Err(_) => false,
    }
}

/// Waits, because a Cluster or a Sentinel first has to learn of its servers.
async fn assert_connects_soon(url: &str, believed: &Authority) {
    let started = Instant::now();
    while !connects(url, Some(believed)).await {
        assert!(started.elapsed() < Duration::from_secs(20), "{url}");
    }
}

#[tokio::test]
async fn a_redis_certificate_is_accepted_only_for_its_name_and_from_its_authority() {
    if redis_server().is_none() {
        return;
    }
    let (authority, other) = (Authority::new(), Authority::new());
    let redis = redis(&authority, &authority.sign("redis", "DNS:localhost"), "").await;
    let (named, by_number) = (
        format!("rediss://localhost:{}/0", redis.port()),
        format!("rediss://127.0.0.1:{}/0", redis.port()),
    );

    assert!(connects(&named, Some(&authority)).await);
    assert!(!connects(&by_number, Some(&authority)).await, "another name");
    assert!(!connects(&named, Some(&other)).await, "another authority");
    assert!(!connects(&named, None).await, "an unknown authority");
    assert!(!connects(&named.replace("rediss", "redis"), None).await, "without TLS");
    let file = authority.file().display().to_string();
    on_redis(&named, &[("REDIS_CA_FILE", &file)], assert_all_flows_work).await;
}

#[tokio::test]
async fn every_node_of_a_cluster_has_to_prove_its_name() {
    if redis_server().is_none() {
        return;
    }
    let (authority, other) = (Authority::new(), Authority::new());
    let its = authority.sign("redis", "DNS:localhost,IP:127.0.0.1");
    let more = format!(" --cluster-enabled yes --tls-cluster yes --cluster-port {}", free_port());
    let node = redis(&authority, &its, &more).await;
    let url = format!("rediss+cluster://localhost:{}", node.port());
    let mut slots = Command::new("redis-cli");
    slots.args(["--tls", "-h", "localhost", "-p", &node.port().to_string(), "--cacert"]);
    slots.arg(authority.file()).args(["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
    assert!(slots.output().expect("redis-cli").status.success());

    assert_connects_soon(&url, &authority).await;
    assert!(!connects(&url, Some(&other)).await);
    assert!(!connects(&url, None).await);
}

#[tokio::test]
async fn sentinels_and_their_master_have_to_prove_their_names() {
    if redis_server().is_none() {
        return;
    }
    let (authority, other) = (Authority::new(), Authority::new());
    let its = authority.sign("redis", "IP:127.0.0.1");
    let master = redis(&authority, &its, "").await;
    let port = free_port();
    let lines = format!(
        "bind 127.0.0.1{}\ntls-replication yes\nsentinel monitor haoma 127.0.0.1 {} 1\n",
        listening(port, &authority, &its, "\n"),
        master.port()
    );
    let _sentinel = Process::sentinel(port, &lines).await;
    let url = format!("rediss+sentinel://127.0.0.1:{port}/haoma");

    assert_connects_soon(&url, &authority).await;
    assert!(!connects(&url, Some(&other)).await);
    assert!(!connects(&url.replace("rediss", "redis"), None).await);
}
