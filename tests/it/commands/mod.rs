//! The binary itself, run as an operator runs it: with its own environment, in an empty folder.

mod accounts;
mod clocks;
mod ending;
mod env_file;
mod numbers;
mod process;
mod refusals;
mod server;
mod setup;
