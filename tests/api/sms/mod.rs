//! Text messages through the real server, with a double of each vendor at the other end.

mod breaker;
mod crowd;
mod failover;
mod limits;
mod notices;
mod receipts;
mod rig;
mod secrets;
