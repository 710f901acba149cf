//! A fresh database for each test.

use std::thread;

use haoma_db::Db;
use mysql_async::prelude::{FromValue, Queryable as _};
use tempfile::TempDir;
use tokio::runtime::Builder;

use crate::accounts::MIGRATIONS;

const MYSQL_URL: &str = "TEST_MYSQL_URL";

/// Runs a test on each kind of database, with its tables.
pub(crate) async fn on_each(test: impl AsyncFn(Db)) {
    on_each_url(async |url| test(migrated(&url, 8).await).await).await;
}

/// Runs a test on each kind of database, without tables.
pub(crate) async fn on_each_url(test: impl AsyncFn(String)) {
    let folder = TempDir::new().expect("a folder");
    test(sqlite_url(&folder)).await;
    if let Some(database) = MysqlDatabase::create() {
        test(database.url()).await;
    }
}

/// Opens a database and creates its tables.
pub(crate) async fn migrated(url: &str, pool_size: u32) -> Db {
    let db = Db::open(url, pool_size).await.expect("opens");
    db.migrate(MIGRATIONS).await.expect("migrates");
    db
}

/// Returns the URL of a file that does not exist yet.
pub(crate) fn sqlite_url(folder: &TempDir) -> String {
    format!("sqlite://{}/data/test.db", folder.path().display())
}

/// Returns the URL of the server, if there is one. A run that must be complete fails without it.
#[expect(clippy::disallowed_methods, reason = "where the test server is, no configuration")]
pub(crate) fn mysql_server() -> Option<String> {
    let url = std::env::var(MYSQL_URL).ok().filter(|url| !url.is_empty());
    let must_be_complete = std::env::var("TEST_ALL").is_ok_and(|value| value == "1");
    assert!(url.is_some() || !must_be_complete, "{MYSQL_URL} is not set");
    url
}

/// A database on the server for one test; dropped at its end, also if it fails.
pub(crate) struct MysqlDatabase {
    server: String,
    name: String,
}

impl MysqlDatabase {
    /// Creates a database; `None` without a server.
    pub(crate) fn create() -> Option<Self> {
        let server = mysql_server()?;
        let name = format!("haoma_db_test_{:016x}", rand::random::<u64>());
        let database = Self { server, name };
        database.run_sql(&format!("CREATE DATABASE {}", database.name));
        Some(database)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/{}", self.server.trim_end_matches('/'), self.name)
    }

    /// Runs a statement on the server, outside the database.
    pub(crate) fn run_sql(&self, statement: &str) {
        self.fetch::<mysql_async::Value>(statement);
    }

    /// Returns the first column of the first row; runs on a thread of its own, because `drop` cannot await.
    pub(crate) fn fetch<T: FromValue + Send + 'static>(&self, statement: &str) -> Option<T> {
        let (server, statement) = (self.server.clone(), statement.to_owned());
        let work = async move {
            let mut connection = mysql_async::Conn::from_url(server).await.expect("a server");
            let value = connection.query_first(statement).await.expect("executes");
            connection.disconnect().await.expect("disconnects");
            value
        };
        let thread = thread::spawn(|| {
            Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
        });
        thread.join().expect("the statement is executed")
    }
}

impl Drop for MysqlDatabase {
    fn drop(&mut self) {
        self.run_sql(&format!("DROP DATABASE {}", self.name));
    }
}
