//! The handlers of the pages.

pub mod account;
pub mod account_settings;
pub mod home;
pub mod login;
pub mod logout;
pub mod register;
pub mod reset_password;
pub mod sites;
