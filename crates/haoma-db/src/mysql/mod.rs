//! MySQL and MariaDB, over a client written in Rust: no system library is needed.

pub(super) mod connect;
mod connect_error;
mod pool;

pub(super) use self::{
    connect_error::{ConnectError, explain},
    pool::MysqlPool,
};
