//! What a site of the operator gets in place of the key of a session.

use std::{fmt, sync::Arc};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq as _;

use super::keys::{Key, SecretKey};

/// Signs the names of sessions for one site each.
///
/// A name is the hash of the session's key: it finds the session, and nobody can make the key of it. Without the signature,
/// whoever has read the database could name any session; with the site in it, what one site gets is worth nothing at another.
#[derive(Clone)]
pub struct SiteSessionSigner {
    /// The current key first, then those of former values of `SECRET_KEY`.
    keys: Arc<[Key]>,
}

impl SiteSessionSigner {
    /// Derives the keys.
    pub fn new(secret: &SecretKey) -> Self {
        Self { keys: secret.derive_all("site session").into() }
    }

    /// Returns the text for the cookie of a site: the session's name, a dot and the HMAC-SHA256 of site and name.
    pub fn sign(&self, site: &str, session: &str) -> String {
        let signature = self.keys.first().map(|key| key.mac(&[site, session])).unwrap_or_default();
        format!("{session}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    /// Reads a text that came to a site. `None` if neither the current nor a former key has signed it for that site.
    pub fn verify<'a>(&self, site: &str, text: &'a str) -> Option<&'a str> {
        let (session, signature) = text.split_once('.')?;
        let presented = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
        let is_signed = |key: &Key| key.mac(&[site, session]).ct_eq(presented.as_slice()).into();
        self.keys.iter().any(is_signed).then_some(session)
    }
}

impl fmt::Debug for SiteSessionSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SiteSessionSigner(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "https://shop.example.net";

    fn signer(secret: u8) -> SiteSessionSigner {
        SiteSessionSigner::new(&SecretKey::new(vec![secret; 32]))
    }

    #[test]
    fn a_name_is_read_at_its_site_only() {
        let text = signer(7).sign(SITE, "a1");

        assert_eq!(signer(7).verify(SITE, &text), Some("a1"));
        for site in ["https://www.example.com", "http://shop.example.net", ""] {
            assert_eq!(signer(7).verify(site, &text), None, "{site}");
        }
        for wrong in ["", "a1", "a1.", &text.replace("a1", "a2"), &format!("{text}A"), ".a1"] {
            assert_eq!(signer(7).verify(SITE, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_name_that_a_former_key_signed_is_still_read() {
        let secret = SecretKey::new(vec![8; 32]).with_fallbacks(vec![vec![7; 32]]);
        let later = SiteSessionSigner::new(&secret);

        assert_eq!(later.verify(SITE, &signer(7).sign(SITE, "a1")), Some("a1"));
        assert_eq!(signer(7).verify(SITE, &later.sign(SITE, "a1")), None);
    }
}
