//! What every database must do alike.

mod cleanup;
mod db;
mod fixtures;
mod idempotency;
mod sessions;
mod sms_log;
mod users;
