//! Transactions, migrations and failures on both databases.

use std::{collections::BTreeSet, ffi::OsStr, fs, os::unix::fs::PermissionsExt as _, sync::Arc};

use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use futures_util::future::{join, join_all};
use haoma::{
    domain::mobile::Mobile,
    errors::Error,
    stores::{
        db::{Db, RunQueryDsl as _},
        tables::users,
    },
};
use tempfile::TempDir;
use test_support::databases::{
    mysql_server, new_user, on_each, on_each_url, registered, sqlite_url,
};
use tokio::sync::Notify;

#[actix_web::test]
async fn a_verdict_undoes_everything() {
    on_each(async |db| {
        let new = new_user("13800138000", "ada");
        let (id, mobile) = (new.account.id, new.account.mobile.clone());

        let outcome = db
            .write(async move |it| {
                users::create(it, &new).await?;
                assert!(users::find_by_mobile(it, &mobile).await?.is_some());
                Err::<(), _>(Error::SmsCodeGone)
            })
            .await;

        assert!(matches!(outcome, Err(Error::SmsCodeGone)), "{outcome:?}");
        assert_eq!(
            db.read(async move |it| users::find(it, id).await).await.expect("answers"),
            None
        );
    })
    .await;
}

#[actix_web::test]
async fn forty_who_write_at_once_all_succeed() {
    on_each(async |db| {
        let db = &db;
        let all = (0..40).map(async |it| {
            let mobile = format!("138001380{it:02}");
            registered(db, &mobile, &mobile).await;
        });

        join_all(all).await;
    })
    .await;
}

#[actix_web::test]
async fn who_write_the_same_rows_in_both_orders_lose_nothing() {
    on_each(async |db| {
        let ids = [
            registered(&db, "13800138000", "ada").await.id,
            registered(&db, "13900139000", "eve").await.id,
        ];
        let db = &db;
        // In both orders, so that MySQL meets deadlocks.
        let all = (0..20).map(|turn| {
            db.write(async move |it| {
                let [first, second] = if turn % 2 == 0 { ids } else { [ids[1], ids[0]] };
                for id in [first, second] {
                    let plus = match it.as_mysql() {
                        Some(_) => "concat(password_hash, '+')",
                        None => "password_hash || '+'",
                    };
                    diesel::sql_query(format!(
                        "UPDATE users SET password_hash = {plus} WHERE id = {id}"
                    ))
                    .execute(it)
                    .await?;
                }
                Ok(())
            })
        });
        let outcomes = join_all(all).await;

        let failed = outcomes.iter().filter(|it| it.is_err()).count();
        assert_eq!(failed, 0, "{outcomes:?}");
        for mobile in ["13800138000", "13900139000"] {
            let mobile = Mobile::from_stored(mobile.to_owned());
            let found =
                db.read(async move |it| users::credentials_by_mobile(it, &mobile).await).await;
            let hash = found.expect("answers").expect("found").1;
            assert_eq!(hash, Some(format!("hash{}", "+".repeat(20))));
        }
    })
    .await;
}

#[actix_web::test]
async fn migrations_run_once_however_many_start_together() {
    on_each_url(async |url| {
        let starts = (0..4).map(async |_| {
            let db = Db::open(&url, 2).await.expect("opens");
            db.migrate().await.expect("migrates");
            db
        });
        let databases = join_all(starts).await;

        for db in &databases {
            db.migrate().await.expect("migrates again");
            assert_eq!(db.pending_migrations().await.expect("answers"), Vec::<String>::new());
        }
        registered(&databases[0], "13800138000", "ada").await;
    })
    .await;
}

#[actix_web::test]
async fn what_is_pending_is_named() {
    on_each_url(async |url| {
        let db = Db::open(&url, 2).await.expect("opens");

        let pending = db.pending_migrations().await.expect("answers");

        assert_eq!(
            pending,
            [
                "2026-01-15-090000_create_users",
                "2026-01-15-090100_create_sessions",
                "2026-01-15-090200_create_sms_messages",
                "2026-01-15-090300_create_signing_keys",
                "2026-01-15-090400_create_idempotency_keys",
                "2026-01-15-090500_count_failures",
                "2026-11-21-090000_add_terms_to_users",
                "2026-11-30-090000_make_password_optional",
                "2026-11-30-090100_note_the_last_address_of_sessions",
                "2026-11-30-090200_create_displaced_sessions",
                "2026-11-30-090300_create_sms_events",
                "2026-11-30-100000_tie_idempotency_keys_to_users",
            ]
        );
    })
    .await;
}

#[actix_web::test]
async fn a_wrong_url_is_refused_and_leaves_no_file() {
    let databases = || -> BTreeSet<_> {
        let names =
            fs::read_dir(".").expect("readable").map(|it| it.expect("readable").file_name());
        names.filter(|name| ["haoma.db", "memory"].iter().any(|part| is_part(part, name))).collect()
    };
    let before = databases();
    let urls = [
        "",
        "haoma.db",
        "postgres://u:s3cret@127.0.0.1/d",
        "mysqlx://u:s3cret@127.0.0.1/d",
        "mysql:u:s3cret@127.0.0.1/d",
        "mysql://u:s3cret@127.0.0.1",
        "mysql://u:0/s3cret@127.0.0.1/d",
        "mysql://u:0?s3cret=x@127.0.0.1/d",
        "mysql://u:s3cret@127.0.0.1:1/d",
        "mysql://u:s3cret@nowhere.invalid/d",
        "mysql://u:s3cret@10.255.255.1/d",
        "sqlite:haoma.db",
        "sqlite://",
        "sqlite://:memory:",
        "sqlite://haoma.db?mode=s3cret",
        "sqlite:///proc/haoma/haoma.db",
    ];
    for url in urls {
        let error = Db::open(url, 2).await.err().expect("refused").to_string();

        assert!(!error.is_empty() && !error.contains("s3cret"), "{url}: {error}");
    }
    assert_eq!(databases(), before);
}

fn is_part(part: &str, name: &OsStr) -> bool {
    name.to_string_lossy().contains(part)
}

#[actix_web::test]
async fn a_wrong_mysql_password_is_not_repeated() {
    let Some(server) = mysql_server() else { return };
    let (_, host) = server.rsplit_once('@').expect("a user in TEST_MYSQL_URL");

    let error = Db::open(&format!("mysql://nobody:s3cret@{host}/haoma"), 2).await;

    let error = error.err().expect("refused").to_string();
    let (says, is_silent) = (error.contains("refuses the user"), !error.contains("s3cret"));
    assert!(says && is_silent && !error.contains("nobody"), "{error}");
}

#[actix_web::test]
async fn a_new_file_is_for_its_owner_only() {
    let folder = TempDir::new().expect("a folder");
    let db = Db::open(&sqlite_url(&folder), 2).await.expect("opens");
    db.migrate().await.expect("migrates");
    registered(&db, "13800138000", "ada").await;

    let mode = |path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert!(!db.is_mysql());
    assert_eq!(mode(folder.path().join("data")), 0o700);
    assert_eq!(mode(folder.path().join("data/haoma.db")), 0o600);
    assert_eq!(mode(folder.path().join("data/haoma.db-wal")), 0o600);
}

#[actix_web::test]
async fn a_server_that_hangs_is_not_waited_for() {
    on_each(async |db| {
        if !db.is_mysql() {
            return;
        }
        let outcome = db.read(async |it| Ok(it.batch_execute("DO SLEEP(10)").await?)).await;

        assert!(matches!(outcome, Err(Error::Store(_))), "{outcome:?}");
        db.ping().await.expect("alive");
    })
    .await;
}

#[actix_web::test]
async fn a_file_that_stays_locked_is_not_waited_for() {
    let folder = TempDir::new().expect("a folder");
    let url = sqlite_url(&folder);
    let db = Db::open(&url, 2).await.expect("opens");
    db.migrate().await.expect("migrates");
    let mut other = SqliteConnection::establish(&url).expect("opens");
    other.batch_execute("BEGIN IMMEDIATE").expect("locks");

    let new = new_user("13800138000", "ada");
    let outcome = db.write(async move |it| users::create(it, &new).await).await;

    assert!(matches!(outcome, Err(Error::Store(_))), "{outcome:?}");
    db.ping().await.expect("reads go on");
    other.batch_execute("ROLLBACK").expect("unlocks");
    registered(&db, "13800138000", "ada").await;
}

#[actix_web::test]
async fn who_waits_for_a_lock_gets_it() {
    on_each(async |db| {
        let id = registered(&db, "13800138000", "ada").await.id;
        let locked = Arc::new(Notify::new());
        let tell = Arc::clone(&locked);
        let hold = db.write(async move |it| {
            users::replace_password_hash(it, id, "hash", "first").await?;
            tell.notify_one();
            // Longer than MySQL lets the other wait at once.
            if it.as_mysql().is_some() {
                it.batch_execute("DO SLEEP(1.3)").await?;
            }
            Ok(())
        });
        let wait = async {
            locked.notified().await;
            db.write(async move |it| users::replace_password_hash(it, id, "first", "second").await)
                .await
        };

        let (held, waited) = join(hold, wait).await;

        held.expect("written");
        assert!(waited.expect("written"));
    })
    .await;
}
