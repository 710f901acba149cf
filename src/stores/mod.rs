//! Everything that is remembered: accounts and sessions in the database, codes and limits in the kv store.

pub mod codes;
pub mod db;
pub mod idempotency;
pub mod jwt_keys;
pub mod kv;
pub mod login_failures;
mod open_error;
pub mod pow_challenges;
pub mod rate_limits;
mod schema;
pub mod server_settings;
pub mod sessions;
pub mod signing_keys;
pub mod sms_abuse_guard;
pub mod sms_events;
pub mod sms_log;
pub mod user_export;
pub mod user_import;
pub mod user_search;
pub mod users;

pub use self::open_error::OpenError;
