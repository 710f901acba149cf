//! A fresh database for each test: always a SQLite file, and MySQL or MariaDB if a server is given.

use std::{
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use chrono::{DateTime, SubsecRound as _, Utc};
use haoma::{
    domain::{
        account::{Account, Status},
        mobile::Mobile,
        name::Name,
    },
    stores::{
        db::Db,
        kv::{Redis, RedisUrl},
        tables::{users, users::NewUser},
    },
};
use mysql_async::prelude::{FromValue, Queryable as _};
use redis::{FromRedisValue, cluster::ClusterClient};
use tempfile::TempDir;
use tokio::runtime::Builder;

use crate::{not_run, redis_cluster};

/// The variable with the addresses of the Clusters.
const CLUSTERS: &str = "TEST_REDIS_CLUSTERS";

/// Runs a test on each kind of database, with its tables.
pub async fn on_each(test: impl AsyncFn(Db)) {
    on_each_url(async |url| {
        let db = Db::open(&url, 8).await.expect("opens");
        db.migrate().await.expect("migrates");
        test(db).await;
    })
    .await;
}

/// Runs a test on each kind of database, without tables.
pub async fn on_each_url(test: impl AsyncFn(String)) {
    let folder = TempDir::new().expect("a folder");
    print("sqlite");
    test(sqlite_url(&folder)).await;
    if let Some(server) = mysql_server() {
        let database = TestDatabase::create(server);
        print("mysql");
        test(database.url()).await;
    }
}

#[expect(clippy::print_stdout, reason = "shown when a test fails: which database it ran on")]
fn print(database: &str) {
    println!("on {database}");
}

/// Returns the URL of a file that does not exist yet.
pub fn sqlite_url(folder: &TempDir) -> String {
    format!("sqlite://{}/data/haoma.db", folder.path().display())
}

/// Returns the server of `TEST_MYSQL_URL`, such as `mysql://root@127.0.0.1:3306`.
pub fn mysql_server() -> Option<String> {
    required_part("TEST_MYSQL_URL")
}

/// Returns a database of the server of `TEST_REDIS_URL`, such as `redis://127.0.0.1:6379`, that no other test of this
/// run uses.
///
/// The server is started for this run alone, with room for thousands of databases. If there are Clusters and no such
/// server, as in `scripts/test cluster`, it returns a Cluster.
pub fn redis_server() -> Option<String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);

    if variable("TEST_REDIS_URL").is_none()
        && let Some(clusters) = variable(CLUSTERS)
    {
        return Some(redis_cluster::own(&clusters));
    }
    let server = required_part("TEST_REDIS_URL")?;
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let url = format!("{}/{number}", server.trim_end_matches('/'));
        // An earlier run may have left keys.
        let client = redis::Client::open(url.as_str()).expect("an address");
        let mut connection = client.get_connection().expect("a Redis with thousands of databases");
        if redis::cmd("DBSIZE").query::<u64>(&mut connection).expect("answers") == 0 {
            return Some(url);
        }
    }
}

/// Returns an empty Cluster of `TEST_REDIS_CLUSTERS`, which lists them as
/// `redis+cluster://127.0.0.1:7000,127.0.0.1:7001` with a space between two.
pub fn redis_cluster() -> Option<String> {
    required_part(CLUSTERS).map(|urls| redis_cluster::own(&urls))
}

/// Opens a connection to a Redis of the tests.
pub async fn redis_at(url: &str) -> Redis {
    let address = RedisUrl::parse(url).expect("an address");
    Redis::connect(&address).await.expect("a Redis")
}

/// Returns the answer of a Redis to a command. In a Cluster the node of the key answers, or all nodes.
pub async fn redis_query<T: FromRedisValue>(url: &str, words: &[&str]) -> T {
    let mut command = redis::Cmd::new();
    command.arg(words);
    let response = if let Some(nodes) = url.strip_prefix("redis+cluster://") {
        let nodes = nodes.split(',').map(|part| format!("redis://{part}"));
        let client = ClusterClient::new(nodes).expect("addresses");
        let mut cluster = client.get_async_connection().await.expect("a Cluster");
        command.query_async(&mut cluster).await
    } else {
        let client = redis::Client::open(url).expect("an address");
        let mut server = client.get_multiplexed_async_connection().await.expect("a Redis");
        command.query_async(&mut server).await
    };
    response.expect("answers")
}

/// Returns a variable that `scripts/test` sets. Without it, a complete run fails; any other run notes it.
pub fn required_part(name: &str) -> Option<String> {
    not_run::begin();
    let part = variable(name);
    if part.is_none() {
        assert!(!has_all_parts(), "{name} is not set");
        not_run::note(name);
    }
    part
}

/// Whether this run has to be complete.
pub fn has_all_parts() -> bool {
    variable("TEST_ALL").is_some_and(|value| value == "1")
}

/// Returns a variable that configures the tests and not Haoma.
#[expect(clippy::disallowed_methods, reason = "where the test servers are, no configuration")]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// Returns the time with the precision that both databases store.
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

/// Returns a user who can be inserted.
pub fn new_user(mobile: &str, name: &str) -> NewUser {
    NewUser {
        account: Account {
            id: users::random_id(),
            mobile: Mobile::from_stored(mobile.to_owned()),
            name: Name::from_stored(name.to_owned()),
            avatar_url: None,
            status: Status::Active,
            created_at: now(),
        },
        password_hash: Some("hash".to_owned()),
        terms: None,
        external_id: None,
    }
}

/// Inserts a user.
pub async fn registered(db: &Db, mobile: &str, name: &str) -> Account {
    registered_with(db, mobile, name, "hash").await
}

/// Inserts a user with this password hash.
pub async fn registered_with(db: &Db, mobile: &str, name: &str, hash: &str) -> Account {
    let mut new = new_user(mobile, name);
    new.password_hash = Some(hash.to_owned());
    let account = new.account.clone();
    db.write(async move |connection| users::create(connection, &new).await).await.expect("created");
    account
}

/// The database of one test, dropped also if the test fails.
pub struct TestDatabase {
    server: String,
    name: String,
}

impl TestDatabase {
    pub fn create(server: String) -> Self {
        let name = format!("haoma_test_{:016x}", rand::random::<u64>());
        execute(server.clone(), format!("CREATE DATABASE {name}"));
        Self { server, name }
    }

    pub fn server(&self) -> String {
        self.server.clone()
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn url(&self) -> String {
        format!("{}/{}", self.server.trim_end_matches('/'), self.name)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE {}", self.name);
        // The server of a test that failed may hold locks on its tables for ever.
        if thread::panicking() {
            run_at_most(self.server.clone(), drop, FAILED_TEST_WAIT);
        } else {
            execute(self.server.clone(), drop);
        }
    }
}

/// Runs statements on a server.
pub fn execute(server: String, statement: String) {
    query::<mysql_async::Value>(server, statement);
}

/// How long a failed test waits until its database is dropped. The server is deleted after all tests in any case.
const FAILED_TEST_WAIT: Duration = Duration::from_secs(5);

fn run_at_most(server: String, statement: String, time: Duration) {
    let (done, is_done) = mpsc::channel::<()>();
    thread::spawn(move || {
        execute(server, statement);
        drop(done);
    });
    // The channel is closed once the statement is executed.
    is_done.recv_timeout(time).expect_err("nothing is sent");
}

/// Returns the second column of the first row, as of `SHOW STATUS`. It runs on a thread of its own, because `drop`
/// cannot await.
pub fn query<T: FromValue + Send + 'static>(server: String, statement: String) -> Option<T> {
    let work = async move {
        let mut connection = mysql_async::Conn::from_url(server).await.expect("a MySQL server");
        let row: Option<mysql_async::Row> =
            connection.query_first(statement).await.expect("executes");
        connection.disconnect().await.expect("disconnects");
        row.and_then(|value| value.get(1))
    };
    let thread = thread::spawn(|| {
        Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
    });
    thread.join().expect("the statement is executed")
}
