//! What people and programs see, over both faces.

mod account;
mod by_code;
mod captchas;
mod codes;
mod countdown;
mod forward_auth;
mod guessing;
mod headers;
mod hosts;
mod idempotency;
mod inputs;
mod instances;
mod jwt;
mod languages;
mod limits;
mod origins;
mod passwords;
mod providers;
mod races;
mod registration;
mod sending;
mod sessions;
mod sign_in;
mod surface;
pub(crate) mod tokens;
