//! Everything that is remembered: accounts and sessions in the database, codes and limits in the kv store.

pub mod codes;
pub mod db;
pub mod jwt_keys;
pub mod kv;
mod open_error;
pub mod pow_challenges;
pub mod rate_limits;
pub mod session_cache;
pub mod sms_abuse_guard;
pub mod tables;

pub use self::open_error::OpenError;
