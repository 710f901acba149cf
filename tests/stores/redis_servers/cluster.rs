//! A Redis Cluster of three masters, one of which is replaced by its replica.

use test_support::{
    app::{assert_recovers, fresh_mobile},
    databases::{redis_cluster, redis_server},
    processes::{Process, free_port},
};

use super::{ask, assert_all_flows_work, on_redis, until};

#[tokio::test]
async fn all_flows_work_on_a_cluster() {
    let Some(url) = redis_cluster() else { return };

    on_redis(&url, &[], assert_all_flows_work).await;
}

/// Repeats a command until its answer contains the text.
async fn wait_for(node: &Process, command: &str, text: &str) {
    until(text, || ask::<String>(node, command).contains(text)).await;
}

/// Starts three masters and a replica of the first.
async fn with_replica() -> [Process; 4] {
    let mut nodes = Vec::new();
    for slots in [Some("0 5460"), Some("5461 10922"), Some("10923 16383"), None] {
        let (port, bus) = (free_port(), free_port());
        let arguments = format!(
            "--port {port} --cluster-port {bus} --cluster-enabled yes --cluster-node-timeout 1000"
        );
        let node = Process::redis_with(port, &arguments).await;
        if let Some(slots) = slots {
            ask::<()>(&node, &format!("CLUSTER ADDSLOTSRANGE {slots}"));
        }
        for known in &nodes {
            let (known, bus): &(Process, u16) = known;
            ask::<()>(&node, &format!("CLUSTER MEET 127.0.0.1 {} {bus}", known.port()));
        }
        nodes.push((node, bus));
    }
    let nodes: [Process; 4] = <[_; 4]>::try_from(nodes).ok().expect("four").map(|node| node.0);
    for node in &nodes {
        wait_for(node, "CLUSTER INFO", "cluster_state:ok").await;
        wait_for(node, "CLUSTER INFO", "cluster_known_nodes:4").await;
    }
    let first: String = ask(&nodes[0], "CLUSTER MYID");
    ask::<()>(&nodes[3], &format!("CLUSTER REPLICATE {first}"));
    wait_for(&nodes[3], "INFO replication", "master_link_status:up").await;
    // The other masters have to know the replica, or they would not let it take over.
    for node in &nodes {
        wait_for(node, "CLUSTER NODES", "slave").await;
    }
    nodes
}

/// R129.
#[tokio::test]
async fn when_a_master_of_a_cluster_dies_all_works_again_with_its_replica() {
    if redis_server().is_none() {
        return;
    }
    let mut nodes = with_replica().await;
    // The URL names a second master as well, because the first will be killed.
    let url =
        format!("redis+cluster://127.0.0.1:{},127.0.0.1:{}", nodes[0].port(), nodes[1].port());
    on_redis(&url, &[], async |app| {
        let client = app.client().signed_in(&fresh_mobile()).await;

        nodes[0].kill();
        wait_for(&nodes[3], "INFO replication", "role:master").await;
        assert_recovers(app).await;

        assert!(client.is_signed_in().await);
        for _ in 0..10 {
            let registered = app.client().register(&fresh_mobile()).await;
            assert_eq!(registered.status.as_u16(), 201, "{registered:?}");
        }
    })
    .await;
}
