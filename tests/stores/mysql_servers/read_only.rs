//! Haoma does not start on a read-only server, and an instance on one reports that it is not ready.

use haoma::{
    application::Application,
    config::{Config, Env},
    stores::db::Db,
};
use test_support::{
    app::{TestApp, assert_recovers, settings_with},
    databases::{execute, mysql_server},
    processes::Process,
    sms_gateway::Gateway,
};

fn config(env: Env) -> Config {
    Config::from_env(env).expect("settings")
}

#[tokio::test]
async fn a_read_only_mysql_stops_the_start_and_turns_readiness_off() {
    if mysql_server().is_none() {
        return;
    }
    let server = Process::mariadb().await;
    let root = server.mysql_root();
    // Root can write to a read-only server, so the test needs another account.
    let account = "CREATE DATABASE haoma; CREATE USER haoma@'%' IDENTIFIED BY 'hush'; \
        GRANT ALL ON haoma.* TO haoma@'%'";
    execute(root.clone(), account.to_owned());
    let url = format!("mysql://haoma:hush@127.0.0.1:{}/haoma", server.port());
    let app = TestApp::start(&[("DATABASE_URL", url.clone())], &[]).await;
    assert_recovers(&app).await;

    execute(root.clone(), "SET GLOBAL read_only = 1".to_owned());
    let ready = app.client().get("/readyz").await;
    let gateway = Gateway::start();
    let refused =
        Application::build(&config(settings_with(&gateway, [("DATABASE_URL", &*url)]))).await;
    let checked = Db::open(&url, 1).await.expect("opens").check_writes().await;
    execute(root, "SET GLOBAL read_only = 0".to_owned());

    assert_eq!((ready.status.as_u16(), &*ready.body), (503, r#"{"status":"down"}"#));
    for said in
        [refused.err().expect("refused").to_string(), checked.expect_err("refused").to_string()]
    {
        let place = format!("DATABASE_URL: MySQL at 127.0.0.1:{} takes no writes: ", server.port());
        assert!(said.starts_with(&place) && said.contains("read_only = 0"), "{said}");
    }
    assert_recovers(&app).await;
    app.stop().await;
    gateway.stop().await;
}
