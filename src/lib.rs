//! Haoma: sign-up and sign-in by mobile number.
//!
//! The map of the house; arrows only point down, and `tests/api/repo/layers.rs` holds them there.
//!
//! ```text
//! main            the command line
//! commands        what the operator can do at the terminal, one command a file
//! application     builds the state once, binds, serves, drains
//! checks          what is wrong with a set-up
//! config          the only reader of the environment
//! http            pages for people, JSON for programs: faces of the flows
//! flows           what a person can do, one verb a file
//! stores  sms     what is remembered, and the way to a phone
//! domain          values that cannot be wrong, no I/O
//! errors          everything that can go wrong in front of a person
//! journal         the log, and the request that its lines belong to
//! metrics         what is counted
//! ```
//!
//! One registration walks down and back once: form or JSON → `http::request::input` → parsed once into domain
//! values by `http::inputs` → [`flows::register`] → [`stores::codes`] (code used up) →
//! [`flows::hasher`] (hash off the workers) → [`stores::tables::users`] (the unique index judges) and
//! [`stores::tables::sessions`] in one transaction → `http::auth::session_cookie` → 303 or envelope.

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
