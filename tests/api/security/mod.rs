//! Other sites, forged headers, races, and secrets in answers and log lines.

mod account_enumeration;
mod debug_output;
mod forwarded_headers;
mod fuzz;
mod headers;
mod hosts;
mod origins;
mod races;
