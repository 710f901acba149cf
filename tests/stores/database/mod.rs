//! Tests that run on every database.

mod cleanup;
mod db;
mod fixtures;
mod idempotency;
mod migrations;
mod sessions;
mod sms_log;
mod users;
