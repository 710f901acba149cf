//! Everything that is remembered: accounts and sessions in the database, codes and limits in the kv store.

pub mod codes;
pub mod db;
pub mod dossier;
pub mod failures;
pub mod idempotency;
pub mod keyring;
pub mod kv;
pub mod ladder;
pub mod ledger;
pub mod limits;
pub mod moving_in;
mod open_error;
pub mod proofs;
mod schema;
pub mod server_settings;
pub mod sessions;
pub mod signing_keys;
pub mod sms_events;
pub mod user_search;
pub mod users;

pub use self::open_error::OpenError;
