//! Tests of the databases and key-value stores, and of servers of each kind.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod database;
mod kv;
mod mysql_servers;
mod redis_servers;
