//! SQLite, in a file of this service alone.

mod open;
mod pool;

pub(super) use self::{
    open::{BUSY_TIMEOUT, open},
    pool::SqlitePool,
};
