//! Answers: the JSON envelope, what programs see of accounts and sessions, and how each error is answered.

pub mod account;
pub mod application;
pub mod device;
pub mod envelope;
pub mod errno;
pub mod error_log;
pub mod error_table;
pub mod known_device;
pub mod seconds;
pub mod session;
