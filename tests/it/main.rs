//! Everything from the outside, in one binary.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test fails by falling over"
)]

mod browser;
mod certificates;
mod chaos;
mod clock;
mod clusters;
mod command;
mod commands;
mod curl;
mod databases;
mod deployment;
mod face;
mod faces;
mod fake_vendor;
mod faults;
mod fuzz;
mod gateway;
mod haoma;
mod import;
mod kv;
mod layers;
mod legacy_api;
mod locales;
mod log_lines;
mod logs;
mod metrics;
mod midway;
mod mysql_servers;
mod not_run;
mod openapi;
mod printing;
mod processes;
mod proxies;
mod queries;
mod redis_servers;
mod requirements;
mod settings;
mod sms;
mod sources;
mod stores;
mod supply;
mod tcp_proxy;
mod user_commands;
mod vendors;
mod visitor;
