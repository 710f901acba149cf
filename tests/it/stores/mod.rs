//! What every database must do alike.

mod db;
mod ledger;
mod sessions;
mod users;
