//! What every database must do alike.

mod db;
mod house;
mod idempotency;
mod ledger;
mod sessions;
mod statements;
mod users;
