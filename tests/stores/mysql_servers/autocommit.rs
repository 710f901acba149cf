//! A server with `autocommit` off, as some operators have it.

use haoma::stores::{
    db::Db,
    tables::{credentials, users},
};
use test_support::{
    databases::{TestDatabase, execute, mysql_server, registered},
    processes::Process,
};

#[actix_web::test]
async fn writes_outside_a_transaction_are_committed() {
    if mysql_server().is_none() {
        return;
    }
    let own = Process::mariadb().await;
    let server = own.mysql_root();
    execute(server.clone(), "SET GLOBAL autocommit = 0".to_owned());
    let database = TestDatabase::create(server);
    let db = Db::open(&database.url(), 1).await.expect("opens");
    db.migrate().await.expect("migrates");
    let id = registered(&db, "13800138000", "ada").await.id;

    let replace = async move |connection: &mut _| {
        users::replace_password_hash(connection, id, "hash", "new").await
    };
    assert!(db.write_idempotent(replace).await.expect("answers"));
    drop(db);

    let db = Db::open(&database.url(), 1).await.expect("opens");
    let found = db
        .read(async move |connection| credentials::by_id(connection, id, None).await)
        .await
        .expect("answers");
    assert_eq!(found.and_then(|found| found.password_hash).as_deref(), Some("new"));
}
