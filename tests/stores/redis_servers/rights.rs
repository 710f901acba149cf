//! The account in `docs/security.md` has the rights that Haoma needs, and no others.

use test_support::{
    databases::{redis_cluster, redis_server},
    processes::Process,
    sources::security_doc_line,
};

use super::{ask, ask_at, assert_all_flows_work, on_redis};

/// R116.
#[tokio::test]
async fn an_account_for_our_own_keys_and_commands_is_enough() {
    if redis_server().is_none() {
        return;
    }
    let line = security_doc_line("ACL SETUSER haoma ").replace('…', "hush");
    let server = Process::redis().await;
    let url = format!("redis://haoma:hush@127.0.0.1:{}/0", server.port());
    ask::<()>(&server, &line);

    on_redis(&url, &[], assert_all_flows_work).await;

    let mut ours = redis::Client::open(url).expect("an address").get_connection().expect("a Redis");
    for refused in [
        redis::cmd("GET").arg("other:key"),
        redis::cmd("FLUSHALL").arg("ASYNC"),
        redis::cmd("KEYS").arg("*"),
        redis::cmd("CONFIG").arg("SET").arg("save").arg(""),
    ] {
        assert!(refused.exec(&mut ours).is_err());
    }
}

/// R116.
#[tokio::test]
async fn the_same_account_is_enough_on_a_cluster() {
    let Some(url) = redis_cluster() else { return };
    let line = security_doc_line("ACL SETUSER haoma ").replace('…', "hush");
    for node in url.trim_start_matches("redis+cluster://").split(',') {
        ask_at::<()>(&format!("redis://{node}"), &line);
    }

    on_redis(&url.replace("://", "://haoma:hush@"), &[], assert_all_flows_work).await;
}
