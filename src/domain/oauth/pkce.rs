//! Proof Key for Code Exchange with S256 (RFC 7636).

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Returns whether a text can be a challenge: a SHA-256 in base64url.
pub fn is_challenge(text: &str) -> bool {
    text.len() == 43 && BASE64_URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

/// Returns whether a verifier has the form of RFC 7636 §4.1 and fits the challenge.
pub fn fits(challenge: &str, verifier: &str) -> bool {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let is_verifier = (43..=128).contains(&verifier.len()) && verifier.bytes().all(is_unreserved);
    let expected = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    is_verifier && bool::from(expected.as_bytes().ct_eq(challenge.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    #[test]
    fn the_example_of_the_standard_fits() {
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert!(is_challenge(challenge) && fits(challenge, verifier));
        assert!(!fits(challenge, challenge), "the challenge itself is no verifier");
        assert!(!fits(challenge, "short") && !is_challenge(verifier.trim_end_matches('k')));
    }
}
