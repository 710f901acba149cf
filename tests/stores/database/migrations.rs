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

    /// Returns the names of the migrations, the oldest first.
    fn migrations(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder()).expect("a folder");
        let mut names: Vec<_> = entries
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
            .collect();
        names.sort();
        names
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

/// The databases that there are, without tables.
fn databases() -> impl Iterator<Item = Database> {
    let sqlite = SqliteConnection::establish(":memory:").expect("opens");
    let mysql = mysql_server().map(|server| Database::Mysql(TestDatabase::create(server)));
    [Some(Database::Sqlite(sqlite)), mysql].into_iter().flatten()
}

#[test]
fn each_migration_can_be_undone_and_done_again_and_keeps_the_accounts() {
    for mut database in databases() {
        let names = database.migrations();
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

#[test]
fn signing_keys_of_the_version_before_are_kept_both_ways() {
    let name = "2026-11-30-150000_sign_with_three_algorithms";
    let old = "INSERT INTO signing_keys (generation, kid, public_key, private_key, created_at)
        VALUES (1, 'one', 'x', 'sealed', '2026-01-01')";
    let new = "INSERT INTO signing_keys
        (generation, algorithm, kid, public_key, private_key, created_at)
        VALUES (2, 'RS256', 'two', 'n', 'sealed', '2026-01-01')";
    let all = |database: &mut Database, column: &str| {
        let joined = format!("(SELECT group_concat({column}) FROM signing_keys)");
        let mut values: Vec<_> =
            database.value(&joined).expect("keys").split(',').map(str::to_owned).collect();
        values.sort();
        values
    };
    for mut database in databases() {
        for earlier in database.migrations().iter().take_while(|other| *other != name) {
            database.migrate(earlier, "up.sql");
        }
        database.run(old);

        database.migrate(name, "up.sql");
        database.run(&old.replace("(1, 'one'", "(3, 'three'"));
        database.run(new);
        let algorithms = all(&mut database, "algorithm");
        database.migrate(name, "down.sql");

        assert_eq!(algorithms, ["EdDSA", "EdDSA", "RS256"]);
        assert_eq!(all(&mut database, "kid"), ["one", "three"]);
    }
}
