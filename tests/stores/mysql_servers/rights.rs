//! The account in `docs/security.md` has the rights that Haoma needs, and no others.

use haoma::stores::db::{Db, RunQueryDsl as _};
use test_support::{
    app::{TestApp, fresh_mobile},
    databases::{TestDatabase, execute, mysql_server},
    sources::security_doc_line,
};

/// R115.
#[tokio::test]
async fn an_account_that_may_only_change_rows_is_enough() {
    let Some(server) = mysql_server() else { return };
    let database = TestDatabase::create(server.clone());
    let name = database.url().rsplit('/').next().expect("a name").to_owned();
    Db::open(&database.url(), 1).await.expect("opens").migrate().await.expect("migrates");
    let grant = security_doc_line("GRANT ").replace("haoma", &name);
    execute(server.clone(), format!("CREATE USER {name}@'%' IDENTIFIED BY 'hush'; {grant}"));
    let url = database.url().replace("root@", &format!("{name}:hush@"));

    let app = TestApp::start(&[("DATABASE_URL", url.clone())], &[]).await;
    let client = app.client().signed_in(&fresh_mobile()).await;
    assert!(client.is_signed_in().await);
    assert_eq!(client.delete("/api/v1/session").await.status.as_u16(), 200);
    app.stop().await;

    let db = Db::open(&url, 1).await.expect("opens");
    let drop = db
        .write(async |connection| {
            Ok(diesel::sql_query("DROP TABLE users").execute(connection).await?)
        })
        .await;
    assert!(drop.is_err());
    execute(server, format!("DROP USER {name}@'%'"));
}
