//! Shared by the integration tests: the server in this process, clients, fake vendors, proxies and databases.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::partial_pub_fields,
    missing_docs,
    reason = "a helper of tests fails by panicking, and its name says what it is"
)]

pub mod app;
pub mod cli;
pub mod client;
pub mod clock;
pub mod databases;
mod fake_server;
pub mod fake_vendor;
pub mod guide;
pub mod idempotency;
pub mod interface;
pub mod logs;
pub mod metrics;
pub mod nginx;
pub mod not_run;
pub mod oauth_clients;
pub mod processes;
pub mod proof_of_work;
pub mod raw_http;
pub mod redis_cluster;
pub mod sms_codes;
pub mod sms_gateway;
pub mod sources;
pub mod tcp_proxy;
pub mod tls_ca;
pub mod tokens;
pub mod users;
pub mod vendor_accounts;
