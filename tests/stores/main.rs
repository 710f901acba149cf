//! The stores: what every database and every key-value store must do alike, and servers of each kind.
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
