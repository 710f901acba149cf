//! Languages: the sentences of `locales/`, and the language in which a request is answered.

pub mod catalog;
pub mod country_menu;
pub mod country_names;
pub mod language;
pub mod problem_messages;
