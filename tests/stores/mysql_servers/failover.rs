//! When a server becomes read-only, the next attempt connects to where the address leads by then.

use futures_util::future::{join, join_all};
use haoma::{
    domain::name::Name,
    errors::Error,
    stores::{db::Db, tables::credentials},
};
use test_support::{
    databases::{execute, mysql_server},
    processes::Process,
    tcp_proxy::TcpProxy,
};

use super::{in_use, write};

/// Returns a server with the tables of Haoma, and an account to which `read_only` applies.
async fn server() -> Process {
    let server = Process::mariadb().await;
    let root = server.mysql_root();
    let account = "CREATE DATABASE haoma; CREATE USER haoma@'%' IDENTIFIED BY 'hush'; \
        GRANT ALL ON haoma.* TO haoma@'%'";
    execute(root.clone(), account.to_owned());
    let db = Db::open(&format!("{root}/haoma"), 1).await.expect("opens");
    db.migrate().await.expect("migrates");
    server
}

fn behind(proxy: &TcpProxy) -> String {
    format!("mysql://haoma:hush@127.0.0.1:{}/haoma", proxy.port())
}

/// R129, R138.
#[tokio::test]
async fn a_server_that_has_become_read_only_is_left_for_its_successor() {
    if mysql_server().is_none() {
        return;
    }
    let (old, new) = join(server(), server()).await;
    let proxy = TcpProxy::to(old.port()).await;
    let db = in_use(&behind(&proxy)).await;
    write(&db, "13800138000").await.expect("written");

    let root = old.mysql_root();
    execute(root, "SET GLOBAL read_only = 1".to_owned());
    proxy.set_target(new.port());

    // With four of the eight connections to the old server, all four attempts would be used up.
    write(&db, "13800138001").await.expect("on the new server");
    let written =
        join_all(["13800138002", "13800138003", "13800138004"].map(|name| write(&db, name)));
    assert!(written.await.iter().all(Result::is_ok));
}

#[tokio::test]
async fn a_server_that_takes_no_writes_still_answers_reads() {
    if mysql_server().is_none() {
        return;
    }
    let server = server().await;
    let proxy = TcpProxy::to(server.port()).await;
    let db = in_use(&behind(&proxy)).await;
    write(&db, "13800138000").await.expect("written");
    execute(server.mysql_root(), "SET GLOBAL read_only = 1".to_owned());

    let refused = write(&db, "13800138001").await;

    assert!(matches!(refused, Err(Error::Store(_))), "{refused:?}");
    let name = Name::from_stored("13800138000".to_owned());
    let found =
        db.read(async move |connection| credentials::by_name(connection, &name, None).await).await;
    assert!(found.expect("answers").is_some());
}
