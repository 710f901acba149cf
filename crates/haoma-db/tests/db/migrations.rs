//! Migrations.

use futures_util::future::join_all;
use haoma_db::Db;

use crate::{
    accounts::{MIGRATIONS, created},
    databases::on_each_url,
};

#[tokio::test]
async fn instances_that_start_together_run_migrations_once() {
    on_each_url(async |url| {
        let starts = (0..4).map(async |_| {
            let db = Db::open(&url, 2).await.expect("opens");
            db.migrate(MIGRATIONS).await.expect("migrates");
            db
        });
        let databases = join_all(starts).await;

        for db in &databases {
            db.migrate(MIGRATIONS).await.expect("migrates again");
            let pending = db.pending_migrations(MIGRATIONS).await.expect("answers");
            assert_eq!(pending, Vec::<String>::new());
        }
        created(&databases[0], 1, "ada").await;
    })
    .await;
}

#[tokio::test]
async fn pending_migrations_are_named_in_order() {
    on_each_url(async |url| {
        let db = Db::open(&url, 2).await.expect("opens");

        let pending = db.pending_migrations(MIGRATIONS).await.expect("answers");

        let names = ["2026-01-01-000000_create_accounts", "2026-01-01-000100_add_notes"];
        assert_eq!(pending, names);
    })
    .await;
}

#[tokio::test]
async fn a_database_takes_writes_once_it_is_migrated() {
    on_each_url(async |url| {
        let db = Db::open(&url, 2).await.expect("opens");
        db.migrate(MIGRATIONS).await.expect("migrates");

        db.check_writes().await.expect("takes writes");
        db.ping().await.expect("answers");
    })
    .await;
}
