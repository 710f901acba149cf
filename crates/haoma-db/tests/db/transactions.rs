//! Transactions: all or nothing, alone or many at once, and in time.

use std::sync::Arc;

use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use futures_util::future::{join, join_all};
use haoma_db::{Connection, Error, WorkError};
use tempfile::TempDir;
use tokio::sync::Notify;

use crate::{
    accounts::{created, insert, note, replace_note},
    databases::{migrated, on_each, sqlite_url},
};

/// The error of an application, which has reasons of its own to end a transaction.
#[derive(Debug)]
enum AppError {
    Refused,
    Database(Error),
}

impl From<Error> for AppError {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

impl WorkError for AppError {
    fn database_failure(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        if let Self::Database(error) = self { error.database_failure() } else { None }
    }
}

#[tokio::test]
async fn an_error_of_the_application_rolls_back_and_is_returned_unchanged() {
    on_each(async |db| {
        let outcome = db
            .write(async |connection| {
                insert(connection, 1, "ada").await?;
                assert!(note(connection, 1).await?.is_some());
                Err::<(), _>(AppError::Refused)
            })
            .await;

        assert!(matches!(outcome, Err(AppError::Refused)), "{outcome:?}");
        assert_eq!(
            db.read(async |connection| note(connection, 1).await).await.expect("answers"),
            None
        );
    })
    .await;
}

#[tokio::test]
async fn forty_concurrent_writers_all_succeed() {
    on_each(async |db| {
        let db = &db;
        let all = (0..40).map(async |id| created(db, id, &format!("name{id}")).await);

        join_all(all).await;
    })
    .await;
}

#[tokio::test]
async fn writers_of_the_same_rows_in_opposite_orders_lose_no_update() {
    on_each(async |db| {
        created(&db, 1, "ada").await;
        created(&db, 2, "eve").await;
        let db = &db;
        // In both orders, so that MySQL meets deadlocks.
        let all = (0..20).map(|turn| {
            db.write(async move |connection: &mut Connection| {
                let order = if turn % 2 == 0 { [1, 2] } else { [2, 1] };
                for id in order {
                    let plus = match connection.as_mysql() {
                        Some(_) => "concat(note, '+')",
                        None => "note || '+'",
                    };
                    let update = format!("UPDATE accounts SET note = {plus} WHERE id = {id}");
                    connection.batch_execute(&update).await?;
                }
                Ok::<_, Error>(())
            })
        });
        let outcomes = join_all(all).await;

        let failed = outcomes.iter().filter(|outcome| outcome.is_err()).count();
        assert_eq!(failed, 0, "{outcomes:?}");
        for id in [1, 2] {
            let note = db.read(async move |connection| note(connection, id).await).await;
            assert_eq!(note.expect("answers"), Some("+".repeat(20)));
        }
    })
    .await;
}

#[tokio::test]
async fn a_hanging_server_ends_in_a_timeout() {
    on_each(async |db| {
        if !db.is_mysql() {
            return;
        }
        let sleep = async |connection: &mut Connection| {
            Ok(connection.batch_execute("DO SLEEP(10)").await?)
        };
        let outcome = db.read(sleep).await;

        assert!(matches!(outcome, Err(Error::Timeout(_))), "{outcome:?}");
        db.ping().await.expect("alive");
    })
    .await;
}

#[tokio::test]
async fn a_file_that_stays_locked_ends_in_a_timeout() {
    let folder = TempDir::new().expect("a folder");
    let url = sqlite_url(&folder);
    let db = migrated(&url, 2).await;
    let mut other = SqliteConnection::establish(&url).expect("opens");
    other.batch_execute("BEGIN IMMEDIATE").expect("locks");

    let outcome = db.write(async |connection| insert(connection, 1, "ada").await).await;

    assert!(matches!(outcome, Err(Error::Query(_) | Error::Timeout(_))), "{outcome:?}");
    db.ping().await.expect("reads go on");
    other.batch_execute("ROLLBACK").expect("unlocks");
    created(&db, 1, "ada").await;
}

#[tokio::test]
async fn a_writer_that_waits_for_a_lock_gets_it() {
    on_each(async |db| {
        created(&db, 1, "ada").await;
        let locked = Arc::new(Notify::new());
        let signal = Arc::clone(&locked);
        let first_write = db.write(async move |connection: &mut Connection| {
            replace_note(connection, 1, "", "first").await?;
            signal.notify_one();
            // Longer than MySQL lets the other wait at once.
            if connection.as_mysql().is_some() {
                connection.batch_execute("DO SLEEP(1.3)").await?;
            }
            Ok::<_, Error>(())
        });
        let second_write = async {
            locked.notified().await;
            let replace = async |connection: &mut Connection| {
                replace_note(connection, 1, "first", "second").await
            };
            db.write(replace).await
        };

        let (first, second) = join(first_write, second_write).await;

        first.expect("written");
        assert!(second.expect("written"));
    })
    .await;
}

#[tokio::test]
async fn a_transaction_that_awaits_other_work_is_an_error_on_sqlite() {
    let folder = TempDir::new().expect("a folder");
    let db = migrated(&sqlite_url(&folder), 2).await;

    let outcome = db
        .read(async |_: &mut Connection| {
            tokio::task::yield_now().await;
            Ok(())
        })
        .await;

    assert!(matches!(outcome, Err(Error::Internal(_))), "{outcome:?}");
}
