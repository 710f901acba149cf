//! What every database must do alike.

mod cleanup;
mod db;
mod fixtures;
mod idempotency;
mod mysql_pool;
mod sessions;
mod sms_log;
mod statement_cache;
mod users;
