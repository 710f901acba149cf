//! Values that cannot be wrong; no I/O.

pub mod account;
pub mod brand;
pub mod captcha;
pub mod client;
pub mod clock;
pub mod color;
pub mod hex;
pub mod idempotency_key;
pub mod invisible;
pub mod keys;
pub mod legacy_api;
pub mod loopback;
pub mod mobile;
pub mod name;
pub mod network;
pub mod password;
pub mod password_hash;
mod plain_text;
pub mod proof_of_work;
pub mod purpose;
pub mod region;
pub mod signing_key;
pub mod sms_code;
pub mod speech;
pub mod terms;
pub mod test_number;
pub mod url_credentials;
