//! JSON for programs, under `/api/v1`.

pub mod captchas;
pub mod password_resets;
pub mod session;
pub mod sessions;
pub mod sms_codes;
pub mod user;
pub mod users;
