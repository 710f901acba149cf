//! PBKDF2-HMAC-SHA256 in our own form and in those of Python libraries.

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD},
};
use subtle::ConstantTimeEq as _;

use super::parts::split_fields;
use crate::domain::hex::decode_hex;

/// Maximum number of iterations. A row with more is corrupted or hostile and would occupy a core for a minute.
const MAX_ITERATIONS: u32 = 10_000_000;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pbkdf2 {
    pub(super) iterations: u32,
    salt: Vec<u8>,
    output: Vec<u8>,
    form: Form,
}

/// The text form of a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Ours: `$pbkdf2-sha256$i=600000,l=32$salt$hash`, the PHC string format with unpadded base64.
    Phc,
    /// `pbkdf2:sha256:600000$salt$hex`; the salt is the text itself (Werkzeug, so Flask).
    Werkzeug,
    /// `pbkdf2_sha256$600000$salt$base64`; the salt is the text itself (Django).
    Django,
    /// `$pbkdf2-sha256$29000$salt$hash`, in base64 with `.` for `+` (passlib).
    Passlib,
}

impl Pbkdf2 {
    /// Hashes a secret with this salt.
    pub(super) fn make(secret: &[u8], salt: Vec<u8>, iterations: u32) -> Self {
        let output = pbkdf2_sha256::derive(secret, &salt, iterations).to_vec();
        Self { iterations, salt, output, form: Form::Phc }
    }

    /// Returns a hash that no password matches, at the cost of a real one.
    pub(super) fn dummy(iterations: u32) -> Self {
        Self { iterations, salt: vec![0; 16], output: Vec::new(), form: Form::Phc }
    }

    pub(super) fn parse(stored: &str) -> Option<Self> {
        let (form, iterations, salt, output) = match split_fields(stored).as_slice() {
            ["", "pbkdf2-sha256", iterations, salt, hash] if is_number(iterations) => {
                (Form::Passlib, *iterations, decode_passlib(salt)?, decode_passlib(hash)?)
            }
            ["", "pbkdf2-sha256", parameters, salt, hash] => (
                Form::Phc,
                parameters.split(',').find_map(|parameter| parameter.strip_prefix("i="))?,
                BASE64_STANDARD_NO_PAD.decode(salt).ok()?,
                BASE64_STANDARD_NO_PAD.decode(hash).ok()?,
            ),
            [method, salt, hex] if method.starts_with("pbkdf2:sha256") => (
                Form::Werkzeug,
                method.strip_prefix("pbkdf2:sha256:")?,
                salt.as_bytes().to_vec(),
                decode_hex(hex)?,
            ),
            ["pbkdf2_sha256", iterations, salt, hash] => (
                Form::Django,
                *iterations,
                salt.as_bytes().to_vec(),
                BASE64_STANDARD.decode(hash).ok()?,
            ),
            _ => return None,
        };
        let iterations =
            iterations.parse().ok().filter(|number| (1..=MAX_ITERATIONS).contains(number))?;
        (output.len() == 32).then_some(Self { iterations, salt, output, form })
    }

    pub(super) fn verify(&self, secret: &[u8]) -> bool {
        pbkdf2_sha256::derive(secret, &self.salt, self.iterations).ct_eq(&self.output).into()
    }

    /// Returns whether the hash is in our form at this cost.
    pub(super) fn is_current(&self, iterations: u32) -> bool {
        self.form == Form::Phc && self.iterations == iterations
    }

    /// Returns the text to store, always in our form.
    pub(super) fn to_stored(&self) -> String {
        let salt = BASE64_STANDARD_NO_PAD.encode(&self.salt);
        let output = BASE64_STANDARD_NO_PAD.encode(&self.output);
        format!("$pbkdf2-sha256$i={},l=32${salt}${output}", self.iterations)
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn decode_passlib(text: &str) -> Option<Vec<u8>> {
    BASE64_STANDARD_NO_PAD.decode(text.replace('.', "+")).ok()
}
