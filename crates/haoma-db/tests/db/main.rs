//! Tests on SQLite, and on MySQL or MariaDB if `TEST_MYSQL_URL` names a server, such as `mysql://root@127.0.0.1:3306`.
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod accounts;
mod databases;
mod errors;
mod migrations;
mod mysql_pool;
mod observer;
mod open;
mod statements;
mod transactions;
