//! Haoma: sign-up and sign-in by mobile number.
//!
//! A module may use those below it and none above it, which `tests/api/repo/layers.rs` checks:
//!
//! ```text
//! main                  the command line
//! commands              the commands for operators, one a file
//! application           makes the state, binds, serves, shuts down
//! checks                reports what is wrong with a set-up
//! config  http          reads the environment; serves pages, JSON and the legacy APIs
//! flows                 the use cases, one a file, named by a verb
//! stores  sms  i18n     database and Redis; providers of text messages; translated messages
//! domain                values that are valid by construction, without I/O
//! errors                every failure that a user can meet
//! logging  metrics      the log with the request of each line; the counters for Prometheus
//! ```
//!
//! A registration passes through: a form or JSON body → `http::request`, which parses it into values of [`domain`] →
//! [`flows::register`] → [`stores::codes`], which consumes the SMS code → [`flows::hasher`], which hashes the password
//! on a thread of its own → [`stores::tables::users`] and [`stores::tables::sessions`] in one transaction, where the
//! unique index decides who gets a number or a name → `http::auth`, which sets the cookie → a redirect or a JSON
//! envelope.

pub mod application;
pub mod checks;
pub mod commands;
pub mod config;
pub mod domain;
pub mod errors;
pub mod flows;
pub mod http;
pub mod i18n;
pub mod logging;
pub mod metrics;
pub mod sms;
pub mod stores;
