//! A Redis that is killed and started again. Each worker has its own connection to it.

use futures_util::future::join_all;
use test_support::{app::TestApp, databases::redis_server, processes::Process};

use super::on_redis;

/// Returns the statuses of concurrent requests for captchas, each over its own connection.
async fn pictures(app: &TestApp) -> Vec<u16> {
    let visitors: Vec<_> = (0..16).map(|_| app.client()).collect();
    let asked = visitors.iter().map(|visitor| visitor.get("/api/v1/captchas/a-picture"));
    join_all(asked).await.into_iter().map(|reply| reply.status.as_u16()).collect()
}

/// After Redis has come back, the service recovers by itself (R129).
#[tokio::test]
async fn no_worker_uses_a_dead_connection_for_its_first_request() {
    if redis_server().is_none() {
        return;
    }
    let mut server = Process::redis().await;
    let url = format!("redis://127.0.0.1:{}/0", server.port());
    on_redis(&url, &[], async |app| {
        assert_eq!(pictures(app).await, [200; 16]);
        server.kill();
        assert_eq!(pictures(app).await, [503; 16]);
        server.start().await;
        // Each request waits until its worker has connected again.
        assert_eq!(pictures(app).await, [200; 16]);
    })
    .await;
}
