//! Every migration can be undone, as `diesel migration revert` does, and keeps the accounts.

use std::{fs, path::Path};

use diesel::{
    Connection as _, RunQueryDsl as _, SqliteConnection,
    connection::SimpleConnection as _,
    dsl::sql,
    sql_types::{Nullable, Text},
};
use test_support::databases::{TestDatabase, execute, mysql_server, query};

enum Database {
    Sqlite(SqliteConnection),
    Mysql(TestDatabase),
}

/// Columns and indexes in the order of their names, since a column that comes back is the last one of its table. SQLite can
/// add a column without NULL only with a default, so its defaults do not count.
const SQLITE_SCHEMA: &str = "(SELECT group_concat(line, char(10)) FROM (
    SELECT tables.name || '.' || c.name || ' ' || c.type || ' ' || c.\"notnull\" AS line
    FROM sqlite_schema AS tables JOIN pragma_table_info(tables.name) AS c WHERE tables.type = 'table'
    UNION ALL SELECT 'index ' || name || coalesce(sql, '') FROM sqlite_schema WHERE type = 'index' ORDER BY line))";
const MYSQL_SCHEMA: &str = "(SELECT GROUP_CONCAT(line ORDER BY line SEPARATOR '\\n') FROM (
    SELECT CONCAT(table_name, '.', column_name, ' ', column_type, ' ', is_nullable, ' ',
        COALESCE(column_default, ''), ' ', COALESCE(collation_name, '')) AS line
    FROM information_schema.columns WHERE table_schema = DATABASE()
    UNION ALL SELECT CONCAT('index ', table_name, '.', index_name, ' ', seq_in_index, ' ', column_name)
    FROM information_schema.statistics WHERE table_schema = DATABASE()) AS all_lines)";

const NEW_ACCOUNT: &str = "INSERT INTO users
    (id, mobile, name, password_hash, status, created_at, updated_at, password_changed_at)
    VALUES (7, '13800138000', 'Ada', 'hash', 'active', '2026-01-01', '2026-01-01', '2026-01-01')";
const HASH_OF_ACCOUNT: &str =
    "(SELECT password_hash FROM users WHERE id = 7 AND mobile = '13800138000')";

impl Database {
    fn folder(&self) -> &Path {
        Path::new(match self {
            Self::Sqlite(_) => concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite"),
            Self::Mysql(_) => concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/mysql"),
        })
    }

    fn run(&mut self, statements: &str) {
        match self {
            Self::Sqlite(connection) => connection.batch_execute(statements).expect("executes"),
            Self::Mysql(database) => execute(database.url(), statements.to_owned()),
        }
    }

    /// Returns the value of an expression.
    fn value(&mut self, expression: &str) -> Option<String> {
        match self {
            Self::Sqlite(connection) => diesel::select(sql::<Nullable<Text>>(expression))
                .get_result(connection)
                .expect("a value"),
            Self::Mysql(database) => {
                query::<Option<String>>(database.url(), format!("SELECT 0, {expression}")).flatten()
            }
        }
    }

    fn schema(&mut self) -> Option<String> {
        self.value(match self {
            Self::Sqlite(_) => SQLITE_SCHEMA,
            Self::Mysql(_) => MYSQL_SCHEMA,
        })
    }

    fn migrate(&mut self, migration: &str, direction: &str) {
        let file = self.folder().join(migration).join(direction);
        self.run(&fs::read_to_string(&file).expect("a file of statements"));
    }
}

#[test]
fn each_migration_can_be_undone_and_done_again_and_keeps_the_accounts() {
    let sqlite = SqliteConnection::establish(":memory:").expect("opens");
    let mysql = mysql_server().map(|server| Database::Mysql(TestDatabase::create(server)));
    for mut database in [Some(Database::Sqlite(sqlite)), mysql].into_iter().flatten() {
        let entries = fs::read_dir(database.folder()).expect("a folder");
        let mut names: Vec<_> = entries
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
            .collect();
        names.sort();
        for (index, name) in names.iter().enumerate() {
            let before = database.schema();
            database.migrate(name, "up.sql");
            if index == 0 {
                database.run(NEW_ACCOUNT);
                continue;
            }
            let after = database.schema();
            assert_ne!(before, after, "{name}");
            database.migrate(name, "down.sql");
            assert_eq!(database.schema(), before, "down: {name}");
            database.migrate(name, "up.sql");
            assert_eq!(database.schema(), after, "up again: {name}");
        }
        for name in names.iter().rev() {
            let hash = database.value(HASH_OF_ACCOUNT);
            assert_eq!(hash.as_deref(), Some("hash"), "before undoing {name}");
            database.migrate(name, "down.sql");
        }
        assert_eq!(database.schema(), None, "nothing is left");
    }
}
