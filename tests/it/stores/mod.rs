//! What every database must do alike.

mod db;
mod house;
mod idempotency;
mod ledger;
mod lines;
mod sessions;
mod statements;
mod users;
