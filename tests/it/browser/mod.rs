//! The pages as people meet them: a real browser, with JavaScript and without.

mod account;
mod countdown;
mod front_ends;
mod layout;
mod listening;
mod person;
mod proofs;
mod register;
mod seeing;
mod sending;
mod sign_in;
mod without_script;
