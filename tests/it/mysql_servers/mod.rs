//! MySQL as operators have it: elsewhere, with rights of its own, and failing over.

mod accounts;
mod autocommit;
mod failover;
mod galera;
mod read_only;
mod rights;
mod tls;
