//! Languages: the sentences of `locales/`, and the language in which a request is answered.

pub mod catalog;
pub mod language;
pub mod problem_messages;
