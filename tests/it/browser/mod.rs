//! The pages as people meet them: a real browser, with JavaScript and without.

mod account;
mod codes;
mod complaints;
mod countdown;
mod dressed;
mod front_ends;
mod keyboard;
mod listening;
mod own_front_end;
mod passwords;
mod person;
mod pictures;
mod proofs;
mod reachable;
mod register;
mod seeing;
mod sending;
mod sign_in;
mod states;
mod trouble;
mod without_script;
