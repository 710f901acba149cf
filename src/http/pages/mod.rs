//! Pages for people; each works without JavaScript.

pub mod account;
pub mod account_changes;
pub mod code_form;
pub mod form;
pub mod form_request;
pub mod home;
pub mod login;
pub mod logout;
pub mod message;
pub mod next;
pub mod register;
mod rendered_form;
pub mod reset_password;
pub mod template_check;
pub mod untouched;
pub mod view;
