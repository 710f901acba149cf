//! Connections to a server: who holds one, from which thread, and what is left when somebody stops waiting.

use std::{pin::pin, sync::Arc, task::Poll, time::Duration};

use diesel::{dsl::sql, sql_types::BigInt};
use futures_util::{future::join_all, poll};
use haoma::{
    errors::Error,
    stores::{
        db::{Connection, Db, RunQueryDsl as _},
        tables::users,
    },
};
use test_support::databases::{TestDatabase, execute, mysql_server, query, registered};
use tokio::{
    runtime::Builder,
    sync::Barrier,
    task::spawn_blocking,
    time::{sleep, timeout},
};

/// A number, which the server takes a while to say.
async fn said(db: &Db, number: i64, seconds: f32) -> Result<i64, Error> {
    let asked = format!("{number} + SLEEP({seconds})");
    db.read(async move |it| Ok(diesel::select(sql::<BigInt>(&asked)).get_result(it).await?)).await
}

/// How many of its connections are at work. (A new one comes by TCP, and goes on by the server's socket: of these there
/// may be one more for a moment.)
fn at_work(database: &TestDatabase) -> i64 {
    let name = database.name();
    let count = format!(
        "SELECT 0, COUNT(*) FROM information_schema.PROCESSLIST \
         WHERE DB = '{name}' AND INFO LIKE '%SLEEP%'"
    );
    query(database.server(), count).expect("a number")
}

/// Its connections, as soon as those that new ones came by are closed.
async fn open_once_there_are(database: &TestDatabase, count: usize) -> Vec<String> {
    let name = database.name();
    let asked = format!(
        "SELECT 0, GROUP_CONCAT(ID) FROM information_schema.PROCESSLIST WHERE DB = '{name}'"
    );
    for _ in 0..100 {
        let ids: Option<String> =
            query::<Option<String>>(database.server(), asked.clone()).flatten();
        let ids: Vec<_> = ids.iter().flat_map(|it| it.split(',')).map(str::to_owned).collect();
        if ids.len() == count {
            return ids;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("there were never {count} connections");
}

#[actix_web::test]
async fn of_any_number_of_threads_no_more_hold_one_than_there_may_be() {
    let Some(server) = mysql_server() else { return };
    let database = TestDatabase::create(server);
    let db = Db::open(&database.url(), 2).await.expect("opens");

    // None ends before all are done: a query whose connection ends with its thread goes on at the server for a while,
    // and is counted beside the one that takes its place.
    let done = Arc::new(Barrier::new(4));
    let threads = (0..4).map(|thread| {
        let (db, done) = (db.clone(), Arc::clone(&done));
        spawn_blocking(move || {
            let runtime = Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let numbers = thread * 100..thread * 100 + 20;
                let said = join_all(numbers.clone().map(|it| said(&db, it, 0.01))).await;
                done.wait().await;
                let said: Result<Vec<_>, _> = said.into_iter().collect();
                assert_eq!(said.expect("answers"), numbers.collect::<Vec<_>>());
            });
        })
    });
    let mut threads = pin!(join_all(threads));
    let (mut most, database) = (0, Arc::new(database));
    // Without blocking this thread: it opened the first of them.
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
    // Those who opened them are gone, and their runtimes with them.
    for number in 0..4 {
        assert_eq!(said(&db, number, 0.0).await.expect("answers"), number);
    }
    assert_eq!(db.in_use(), (0, 2));
}

#[actix_web::test]
async fn whoever_stops_waiting_leaves_no_answer_to_the_next() {
    let Some(server) = mysql_server() else { return };
    let database = TestDatabase::create(server);
    let db = Db::open(&database.url(), 1).await.expect("opens");

    for number in 0..5 {
        let left = timeout(Duration::from_millis(30), said(&db, 1_000 + number, 0.3)).await;
        assert!(left.is_err(), "it was not answered in time");
        assert_eq!(said(&db, number, 0.0).await.expect("answers"), number);
    }
}

#[actix_web::test]
async fn whoever_stops_waiting_within_a_transaction_has_changed_nothing() {
    let Some(server) = mysql_server() else { return };
    let database = TestDatabase::create(server);
    let db = Db::open(&database.url(), 1).await.expect("opens");
    db.migrate().await.expect("migrates");
    let id = registered(&db, "13800138000", "ada").await.id;
    let rename = db.write(async move |it: &mut Connection| {
        users::replace_password_hash(it, id, "hash", "another").await?;
        Ok(it.batch_execute("DO SLEEP(0.3)").await?)
    });

    let left = timeout(Duration::from_millis(100), rename).await;

    assert!(left.is_err(), "it was not done in time");
    // Its row is free again as soon as the server notices; a lock that stayed would fail this in the call's own time.
    let replace =
        async move |it: &mut Connection| users::replace_password_hash(it, id, "hash", "new").await;
    assert!(db.write(replace).await.expect("answers"), "the old hash is still there");
}

#[actix_web::test]
async fn a_server_that_comes_back_within_two_seconds_was_never_away() {
    let Some(server) = mysql_server() else { return };
    let database = TestDatabase::create(server);
    let db = Db::open(&database.url(), 4).await.expect("opens");
    let first = (0..4).map(|it| said(&db, it, 0.05));
    assert!(join_all(first).await.into_iter().all(|it| it.is_ok()));

    let four = open_once_there_are(&database, 4).await;
    for id in four {
        execute(database.server(), format!("KILL {id}"));
    }

    let then = (0..8).map(|it| said(&db, it, 0.0));
    let then: Result<Vec<_>, _> = join_all(then).await.into_iter().collect();
    assert_eq!(then.expect("all were answered"), (0..8).collect::<Vec<_>>());
}
