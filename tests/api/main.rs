//! Tests of the HTTP API, the pages and the commands against the running server.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod accounts;
mod cli;
mod codes;
mod defence;
mod legacy;
mod limits;
mod oauth;
mod openapi;
mod ops;
mod protocol;
mod proxies;
mod repo;
mod route_table;
mod security;
mod sessions;
mod settings;
mod sms;
mod vendors;
