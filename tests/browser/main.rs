//! The pages in a real browser, with JavaScript and without.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod accessibility;
mod account;
mod audio_captcha;
mod branding;
mod codes;
mod console_messages;
mod countdown;
mod countries;
mod error_states;
mod front_ends;
mod keyboard;
mod oauth;
mod own_front_end;
mod passwords;
mod person;
mod prices;
mod proof_of_work;
mod register;
mod screens;
mod seeing;
mod sending;
mod sign_in;
mod sign_in_page;
mod sites;
mod states;
mod without_script;
