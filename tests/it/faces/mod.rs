//! Faces.

mod account;
mod by_code;
mod guessing;
mod registration;
