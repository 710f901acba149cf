//! Opening a database: invalid URLs, the contents of errors, and the mode of a new file.

use std::{collections::BTreeSet, ffi::OsString, fs, os::unix::fs::PermissionsExt as _};

use haoma_db::Db;
use tempfile::TempDir;

use crate::{
    accounts::created,
    databases::{migrated, mysql_server, sqlite_url},
};

#[tokio::test]
async fn an_invalid_url_is_refused_and_leaves_no_file() {
    let before = files_of_databases();
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
    assert_eq!(files_of_databases(), before);
}

/// Returns the files in the working directory that a wrong URL could have created.
fn files_of_databases() -> BTreeSet<OsString> {
    let names = fs::read_dir(".").expect("readable");
    let names = names.map(|entry| entry.expect("readable").file_name());
    let is_database = |name: &OsString| {
        let name = name.to_string_lossy();
        name.contains("haoma.db") || name.contains("memory")
    };
    names.filter(is_database).collect()
}

#[tokio::test]
async fn a_wrong_mysql_password_is_not_repeated() {
    let Some(server) = mysql_server() else { return };
    let (_, host) = server.rsplit_once('@').expect("a user in TEST_MYSQL_URL");

    let error = Db::open(&format!("mysql://nobody:s3cret@{host}/haoma"), 2).await;

    let error = error.err().expect("refused").to_string();
    let (says_why, is_silent) = (error.contains("refuses the user"), !error.contains("s3cret"));
    assert!(says_why && is_silent && !error.contains("nobody"), "{error}");
}

#[tokio::test]
async fn a_new_file_is_for_its_owner_only() {
    let folder = TempDir::new().expect("a folder");
    let db = migrated(&sqlite_url(&folder), 2).await;
    created(&db, 1, "ada").await;

    let mode = |path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert!(!db.is_mysql());
    assert_eq!(mode(folder.path().join("data")), 0o700);
    assert_eq!(mode(folder.path().join("data/test.db")), 0o600);
    assert_eq!(mode(folder.path().join("data/test.db-wal")), 0o600);
}
