//! Faces.

mod account;
mod by_code;
mod registration;
