//! The public keys that clients register (RFC 7517), and the JWTs that they have signed.

mod key;
mod key_set;
mod verify;

pub use key::{Jwk, JwkError};
pub use key_set::{KeySetError, parse_set};
pub use verify::verify;

#[cfg(test)]
mod tests;
