//! Other sites, forged headers, races, and what an answer or a log line gives away.

mod account_enumeration;
mod debug_output;
mod forwarded_headers;
mod fuzz;
mod headers;
mod hosts;
mod origins;
mod races;
