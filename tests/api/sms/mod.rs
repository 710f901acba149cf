//! Text messages through the real server, with a fake of each vendor.

mod breaker;
mod crowd;
mod failover;
mod limits;
mod notices;
mod receipts;
mod rig;
mod secrets;
