//! MySQL as operators have it: elsewhere, with rights of its own, and failing over.

mod autocommit;
mod failover;
mod galera;
mod rights;
mod tls;
