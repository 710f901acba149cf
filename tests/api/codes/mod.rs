//! Image captchas and SMS codes.

mod captchas;
mod countdown;
mod proof_of_work;
mod provider_outcomes;
mod repeated_codes;
mod sending;
mod speech;
mod tries_and_expiry;
