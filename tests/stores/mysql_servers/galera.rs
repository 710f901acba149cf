//! Two MariaDB servers that replicate to each other and both take writes; `scripts/test galera` starts them.

use std::time::Duration;

use futures_util::future::join_all;
use haoma::{
    domain::name::Name,
    stores::{
        db::{Db, RunQueryDsl as _},
        tables::credentials,
    },
};
use test_support::{
    databases::{TestDatabase, execute, has_all_parts, query, registered, variable},
    not_run,
    tcp_proxy::TcpProxy,
};
use tokio::{
    sync::{Mutex, MutexGuard},
    time::{Instant, sleep},
};

use super::{in_use, write};

/// Returns the nodes, to one test at a time, because a test may disconnect them from each other.
async fn nodes() -> Option<([String; 2], MutexGuard<'static, ()>)> {
    static TURN: Mutex<()> = Mutex::const_new(());

    let Some(urls) = variable("TEST_GALERA_URLS") else {
        // `scripts/test` starts them only after everything else has run.
        if !has_all_parts() {
            not_run::note("TEST_GALERA_URLS");
        }
        return None;
    };
    let (one, other) = urls.split_once(' ').expect("two nodes");
    Some(([one.to_owned(), other.to_owned()], TURN.lock().await))
}

fn status(node: &str, name: &str) -> String {
    query(node.to_owned(), format!("SHOW STATUS LIKE '{name}'")).expect("a status")
}

async fn wait_for(node: &str, name: &str, value: &str) {
    let started = Instant::now();
    while status(node, name) != value {
        assert!(started.elapsed() < Duration::from_secs(30), "{name} is not {value}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// Returns how many transactions of a node lost a conflict with another node.
fn conflicts(node: &str) -> u32 {
    let of = |name| status(node, name).parse::<u32>().expect("a number");
    of("wsrep_local_cert_failures") + of("wsrep_local_bf_aborts")
}

/// R138.
#[tokio::test]
async fn writers_of_one_row_on_both_nodes_lose_nothing() {
    let Some((nodes, _turn)) = nodes().await else { return };
    let database = TestDatabase::create(nodes[0].clone());
    let there = database.url().replace(&nodes[0], &nodes[1]);
    let here = Db::open(&database.url(), 2).await.expect("opens");
    here.migrate().await.expect("migrates");
    let dbs = [here, known(&there).await];
    let id = registered(&dbs[0], "13800138000", "ada").await.id;
    wait_for(&nodes[1], "wsrep_local_recv_queue", "0").await;
    let before = nodes.each_ref().map(|node| conflicts(node));

    let both = dbs.each_ref().map(async |db| {
        for _ in 0..50 {
            let plus = format!(
                "UPDATE users SET password_hash = concat(password_hash, '+') WHERE id = {id}"
            );
            let written = db
                .write(async move |connection| {
                    Ok(diesel::sql_query(plus.as_str()).execute(connection).await?)
                })
                .await;
            assert_eq!(written.expect("written"), 1);
        }
    });
    join_all(both).await;

    let after = nodes.each_ref().map(|node| conflicts(node));
    assert_ne!(before, after, "they never met");
    for db in &dbs {
        wait_for_hash(db, &format!("hash{}", "+".repeat(100))).await;
    }
}

/// Opens a database as soon as a node has it.
async fn known(url: &str) -> Db {
    let started = Instant::now();
    loop {
        match Db::open(url, 2).await {
            Ok(db) => return db,
            Err(error) => {
                assert!(started.elapsed() < Duration::from_secs(30), "{error}");
                sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// Waits until the node has the hash: what the other node wrote arrives a moment later.
async fn wait_for_hash(db: &Db, hash: &str) {
    let started = Instant::now();
    let ada = || Name::from_stored("ada".to_owned());
    let found = async || {
        let found = db
            .read(async move |connection| credentials::by_name(connection, &ada(), None).await)
            .await;
        found.expect("answers").and_then(|found| found.password_hash)
    };
    while found().await.as_deref() != Some(hash) {
        assert!(started.elapsed() < Duration::from_secs(10), "not {hash}: {:?}", found().await);
    }
}

/// R129, R138.
#[tokio::test]
async fn a_node_that_has_lost_its_cluster_is_left_for_the_other() {
    let Some((nodes, _turn)) = nodes().await else { return };
    let [heavy, light] = &nodes;
    let database = TestDatabase::create(heavy.clone());
    Db::open(&database.url(), 1).await.expect("opens").migrate().await.expect("migrates");
    wait_for(light, "wsrep_local_recv_queue", "0").await;
    let port = |url: &str| url.rsplit(':').next().expect("a port").parse().expect("a number");
    let proxy = TcpProxy::to(port(light)).await;
    let url = database.url().replace(heavy, &format!("mysql://root@127.0.0.1:{}", proxy.port()));
    let db = in_use(&url).await;
    write(&db, "13800138000").await.expect("written");

    let isolate = |node: u8| format!("SET GLOBAL wsrep_provider_options = 'gmcast.isolate={node}'");
    execute(light.clone(), isolate(1));
    wait_for(light, "wsrep_ready", "OFF").await;
    proxy.set_target(port(heavy));
    let written = write(&db, "13800138001").await;
    execute(light.clone(), isolate(0));
    wait_for(light, "wsrep_ready", "ON").await;

    written.expect("on the other node");
}
