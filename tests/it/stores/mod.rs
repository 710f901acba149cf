//! What every database must do alike.

mod db;
mod idempotency;
mod ledger;
mod sessions;
mod users;
