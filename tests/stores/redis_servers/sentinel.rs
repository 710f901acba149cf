//! Sentinels promote the replica, and Haoma follows.

use std::collections::HashMap;

use test_support::{
    app::{assert_recovers, fresh_mobile},
    databases::redis_server,
    processes::{Process, free_port},
};

use super::{ask, assert_all_flows_work, on_redis, until};

/// A master, its replica and a Sentinel that watches both, with a password.
struct Watched {
    master: Process,
    replica: Process,
    sentinel: Process,
}

impl Watched {
    async fn begin() -> Self {
        let redis = "--requirepass hush --masterauth hush";
        let (one, other, third) = (free_port(), free_port(), free_port());
        let master = Process::redis_with(one, &format!("--port {one} {redis}")).await;
        let arguments = format!("--port {other} {redis} --replicaof 127.0.0.1 {one}");
        let replica = Process::redis_with(other, &arguments).await;
        let lines = format!(
            "port {third}\nbind 127.0.0.1\nsentinel monitor haoma 127.0.0.1 {one} 1\n\
             sentinel auth-pass haoma hush\nsentinel down-after-milliseconds haoma 500\n\
             sentinel failover-timeout haoma 2000\n"
        );
        let sentinel = Process::sentinel(third, &lines).await;
        let watched = Self { master, replica, sentinel };
        watched.wait_for_replica().await;
        watched
    }

    /// Returns a URL of two Sentinels, one of which is dead.
    fn url(&self) -> String {
        format!("redis+sentinel://:hush@127.0.0.1:1,127.0.0.1:{}/haoma/0", self.sentinel.port())
    }

    async fn wait_for_replica(&self) {
        let replicas = || {
            let all: Vec<HashMap<String, String>> = ask(&self.sentinel, "SENTINEL REPLICAS haoma");
            all.iter()
                .filter(|item| item.get("master-link-status").is_some_and(|state| state == "ok"))
                .count()
        };
        until("a replica", || replicas() == 1).await;
    }

    async fn wait_for_master(&self, process: &Process) {
        let port = process.port().to_string();
        let command = "SENTINEL GET-MASTER-ADDR-BY-NAME haoma";
        until("the master", || ask::<Vec<String>>(&self.sentinel, command)[1] == port).await;
    }
}

#[tokio::test]
async fn all_flows_work_on_the_master_that_sentinels_name() {
    if redis_server().is_none() {
        return;
    }
    let watched = Watched::begin().await;

    on_redis(&watched.url(), &[], assert_all_flows_work).await;
}

/// R129.
#[tokio::test]
async fn when_the_master_dies_or_steps_down_all_works_again_with_its_successor() {
    if redis_server().is_none() {
        return;
    }
    let mut watched = Watched::begin().await;
    on_redis(&watched.url(), &[], async |app| {
        let client = app.client().signed_in(&fresh_mobile()).await;

        watched.master.kill();
        watched.wait_for_master(&watched.replica).await;
        assert_recovers(app).await;
        assert_eq!(app.client().register(&fresh_mobile()).await.status.as_u16(), 201);

        // The old master comes back as a replica and is then promoted again, while the other one still runs.
        watched.master.start().await;
        watched.wait_for_replica().await;
        ask::<()>(&watched.sentinel, "SENTINEL FAILOVER haoma");
        watched.wait_for_master(&watched.master).await;
        assert_recovers(app).await;
        for _ in 0..10 {
            let registered = app.client().register(&fresh_mobile()).await;
            assert_eq!(registered.status.as_u16(), 201, "{registered:?}");
        }
        assert!(client.is_signed_in().await);
    })
    .await;
}
