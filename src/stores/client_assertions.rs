//! Assertions by which OAuth clients have proved who they are: which ones were used.

use std::time::Duration;

use super::kv::Kv;
use crate::{domain::hex::sha256_hex, errors::Error};

/// Remembers the assertions that were used.
#[derive(Clone)]
pub struct ClientAssertions {
    kv: Kv,
}

impl ClientAssertions {
    /// Returns the assertions in a kv store.
    pub fn new(kv: Kv) -> Self {
        Self { kv }
    }

    /// Uses an assertion of a client up, which is good for this long. Of concurrent calls with the same one, one returns
    /// `true`.
    pub async fn consume(&self, client: &str, id: &str, lifetime: Duration) -> Result<bool, Error> {
        let key = format!("haoma:assertion:{client}:{}", sha256_hex(id));
        Ok(self.kv.once_per(&key, lifetime).await?.is_first())
    }
}
