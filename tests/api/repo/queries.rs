//! Every query is built with Diesel, except for a few that Diesel cannot express. Their SQL contains nothing of a
//! request (R57).

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use test_support::sources::files;

/// The ways to run SQL given as a text.
const RAW_SQL_CALLS: [&str; 6] =
    ["sql_query(", "batch_execute(", "sql::<", " sql(", "(sql(", "_sql("];

/// A file, its number of such lines, and what they do; all of them are constant.
const KNOWN: [(&str, usize, &str); 8] = [
    (
        "crates/haoma-db/src/migrate/blocking_mysql.rs",
        5,
        "the trait's method; a ping, the table of migrations",
    ),
    (
        "crates/haoma-db/src/statement_cache.rs",
        2,
        "the text of a query of Diesel's, written once, whose values are counted",
    ),
    ("crates/haoma-db/src/connection.rs", 10, "handed on; a ping, and writes that change nothing"),
    ("crates/haoma-db/src/migrate/multi.rs", 1, "BEGIN IMMEDIATE"),
    ("crates/haoma-db/src/sqlite/open.rs", 1, "the settings of a connection to SQLite"),
    ("crates/haoma-db/src/migrate/mod.rs", 3, "the lock around migrations, under a constant name"),
    ("crates/haoma-db/src/mysql/connect.rs", 1, "the settings of a connection to MySQL"),
    (
        "src/stores/tables/server_variables.rs",
        2,
        "what a MySQL, and the collation of a column, is set to",
    ),
];

#[test]
fn raw_sql_is_only_in_the_listed_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeMap::new();
    let sources = ["src", "crates/haoma-db/src"].map(|folder| files(&root.join(folder)));
    let is_rust = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "rs");
    for file in sources.into_iter().flatten().filter(is_rust) {
        let text = fs::read_to_string(&file).expect("readable");
        let is_call = |text: &&str| {
            !text.trim_start().starts_with("//")
                && RAW_SQL_CALLS.iter().any(|call| text.contains(call))
        };
        let count = text.lines().filter(is_call).count();
        if count > 0 {
            let inside = file.strip_prefix(root).expect("inside").to_string_lossy().into_owned();
            found.insert(inside, count);
        }
    }

    let known = KNOWN.map(|(file, count, _)| (file.to_owned(), count));
    assert_eq!(found, known.into(), "a query in words wants a line above, with its reason");
}
