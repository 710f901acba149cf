//! Text messages through the real server, with a fake of each vendor.

mod breaker;
mod failover;
mod limits;
mod many_users;
mod notices;
mod receipts;
mod secrets;
mod signed_receipts;
mod sms_app;
mod texts;
