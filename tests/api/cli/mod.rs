//! The binary, run as an operator runs it: with its own environment, in an empty folder.

mod client;
mod clocks;
mod env_file;
mod numbers;
mod process;
mod refusals;
mod server;
mod setup;
mod shutdown;
mod user;
mod user_import;
mod vendor_accounts;
