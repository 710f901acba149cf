//! The JSON API, under `/api/v1`.

pub mod applications;
pub mod captchas;
pub mod devices;
pub mod forward_auth;
pub mod jwt;
pub mod openapi;
pub mod password_resets;
pub mod proof_of_work;
pub mod session;
pub mod sessions;
pub mod sms_codes;
pub mod tokens;
pub mod user;
pub mod users;
