//! All that is stored: accounts, sessions and logs in the database, short-lived data in the kv store.

pub mod captchas;
pub mod client_assertions;
pub mod code_seed;
pub mod codes;
pub mod db;
pub mod hand_over_tickets;
pub mod jwt_keys;
pub mod kv;
mod open_error;
pub mod pow_challenges;
pub mod rate_limits;
pub mod session_cache;
pub mod sms_abuse_guard;
pub mod tables;

pub use self::open_error::OpenError;
