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
mod dialects;
mod double;
mod face;
mod faces;
mod faults;
mod fuzz;
mod gateway;
mod haoma;
mod import;
mod journal;
mod kv;
mod layers;
mod locales;
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
mod relay;
mod requirements;
mod settings;
mod sms;
mod sources;
mod stores;
mod supply;
mod user_commands;
mod vendors;
mod visitor;
