//! Limits: of a number, an address, the whole service, and of guessing.

mod abuse_guard;
mod addresses;
mod budget;
mod busy;
mod connections;
mod guessing;
mod login_failures;
mod sms_limits;
