//! What every database must do alike.

mod db;
mod sessions;
mod users;
