//! The pool of MySQL: the limit of connections, their threads, and cancelled calls.

use std::{pin::pin, sync::Arc, task::Poll, time::Duration};

use diesel::{dsl::sql, sql_types::BigInt};
use futures_util::{future::join_all, poll};
use haoma_db::{Connection, Db, Error, RunQueryDsl as _};
use tokio::{
    runtime::Builder,
    sync::Barrier,
    task::spawn_blocking,
    time::{sleep, timeout},
};

use crate::{
    accounts::{created, replace_note},
    databases::{MysqlDatabase, migrated},
};

/// Returns the number, after the server has slept.
async fn echo(db: &Db, number: i64, seconds: f32) -> Result<i64, Error> {
    let query = format!("{number} + SLEEP({seconds})");
    let work = async move |connection: &mut Connection| {
        Ok(diesel::select(sql::<BigInt>(&query)).get_result(connection).await?)
    };
    db.read(work).await
}

/// Returns how many connections are busy. (A new one first connects by TCP and then by the server's socket, so for a
/// moment there may be one more; those in `SLEEP` are counted.)
fn at_work(database: &MysqlDatabase) -> i64 {
    let name = database.name();
    let count = format!(
        "SELECT COUNT(*) FROM information_schema.PROCESSLIST \
         WHERE DB = '{name}' AND INFO LIKE '%SLEEP%'"
    );
    database.fetch(&count).expect("a number")
}

/// Returns the ids of the connections, as soon as there are so many.
async fn wait_for_connections(database: &MysqlDatabase, count: usize) -> Vec<String> {
    let name = database.name();
    let ids =
        format!("SELECT GROUP_CONCAT(ID) FROM information_schema.PROCESSLIST WHERE DB = '{name}'");
    for _ in 0..100 {
        let ids: Option<String> = database.fetch::<Option<String>>(&ids).flatten();
        let ids: Vec<_> = ids.iter().flat_map(|ids| ids.split(',')).map(str::to_owned).collect();
        if ids.len() == count {
            return ids;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("there were never {count} connections");
}

#[tokio::test]
async fn callers_on_many_threads_use_no_more_connections_than_the_pool_has() {
    let Some(database) = MysqlDatabase::create() else { return };
    let db = Db::open(&database.url(), 2).await.expect("opens");

    // No thread ends before all are done: a query whose connection ends with its thread goes on at the server for a
    // while, and would be counted beside the one that takes its place.
    let done = Arc::new(Barrier::new(4));
    let threads = (0..4).map(|thread| {
        let (db, done) = (db.clone(), Arc::clone(&done));
        spawn_blocking(move || {
            let runtime = Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let numbers = thread * 100..thread * 100 + 20;
                let answers = join_all(numbers.clone().map(|number| echo(&db, number, 0.01))).await;
                done.wait().await;
                let answers: Result<Vec<_>, _> = answers.into_iter().collect();
                assert_eq!(answers.expect("answers"), numbers.collect::<Vec<_>>());
            });
        })
    });
    let mut threads = pin!(join_all(threads));
    let (mut most, database) = (0, Arc::new(database));
    // Without blocking this thread: it opened the first connection.
    let ended = loop {
        let database = Arc::clone(&database);
        let count = spawn_blocking(move || at_work(&database));
        most = most.max(count.await.expect("a number"));
        if let Poll::Ready(ended) = poll!(&mut threads) {
            break ended;
        }
    };

    for thread in ended {
        thread.expect("every call was answered");
    }
    assert!((1..=2).contains(&most), "{most} at once");
    // The threads that opened the connections are gone, and their runtimes with them.
    for number in 0..4 {
        assert_eq!(echo(&db, number, 0.0).await.expect("answers"), number);
    }
    assert_eq!(db.in_use(), (0, 2));
}

#[tokio::test]
async fn a_cancelled_call_leaves_no_answer_to_the_next() {
    let Some(database) = MysqlDatabase::create() else { return };
    let db = Db::open(&database.url(), 1).await.expect("opens");

    for number in 0..5 {
        let left = timeout(Duration::from_millis(30), echo(&db, 1_000 + number, 0.3)).await;
        assert!(left.is_err(), "it was not answered in time");
        assert_eq!(echo(&db, number, 0.0).await.expect("answers"), number);
    }
}

#[tokio::test]
async fn a_cancelled_transaction_changes_nothing() {
    let Some(database) = MysqlDatabase::create() else { return };
    let db = migrated(&database.url(), 1).await;
    created(&db, 1, "ada").await;
    let slow = db.write(async |connection: &mut Connection| {
        replace_note(connection, 1, "", "another").await?;
        connection.batch_execute("DO SLEEP(0.3)").await?;
        Ok::<_, Error>(())
    });

    let left = timeout(Duration::from_millis(100), slow).await;

    assert!(left.is_err(), "it was not done in time");
    // The row is free again as soon as the server notices; a lock that stayed would exceed the time of this call.
    let replace = async |connection: &mut Connection| replace_note(connection, 1, "", "new").await;
    assert!(db.write(replace).await.expect("answers"), "the old note is still there");
}

#[tokio::test]
async fn connections_that_the_server_has_closed_are_replaced() {
    let Some(database) = MysqlDatabase::create() else { return };
    let db = Db::open(&database.url(), 4).await.expect("opens");
    let first = (0..4).map(|number| echo(&db, number, 0.05));
    assert!(join_all(first).await.into_iter().all(|answer| answer.is_ok()));

    for id in wait_for_connections(&database, 4).await {
        database.run_sql(&format!("KILL {id}"));
    }

    let then = (0..8).map(|number| echo(&db, number, 0.0));
    let then: Result<Vec<_>, _> = join_all(then).await.into_iter().collect();
    assert_eq!(then.expect("all were answered"), (0..8).collect::<Vec<_>>());
}
