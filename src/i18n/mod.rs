//! Languages: the sentences of `locales/`, and which language a reader gets.

pub mod catalog;
pub mod error_messages;
