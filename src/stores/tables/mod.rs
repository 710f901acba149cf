//! The tables of the database, one module each.

pub mod credentials;
pub mod idempotency_keys;
pub mod known_devices;
pub mod login_failures;
pub mod oauth_clients;
pub mod oauth_consents;
pub mod oauth_grants;
pub mod oauth_tokens;
pub(crate) mod schema;
pub mod server_variables;
pub mod sessions;
pub mod signing_keys;
pub mod sms_events;
pub mod sms_log;
pub mod user_export;
pub mod user_import;
pub mod user_search;
pub mod users;
mod utc;
