//! Tickets that hand a session over to another site: which of them were used.

use std::time::Duration;

use super::kv::Kv;
use crate::errors::Error;

/// Remembers the tickets that were used.
#[derive(Clone)]
pub struct HandOverTickets {
    kv: Kv,
}

impl HandOverTickets {
    /// Time from the making of a ticket until it expires.
    pub const LIFETIME: Duration = Duration::from_mins(1);

    /// Returns the tickets in a kv store.
    pub fn new(kv: Kv) -> Self {
        Self { kv }
    }

    /// Uses a ticket up. Of concurrent calls with the same one, one returns `true`.
    pub async fn consume(&self, id: &str) -> Result<bool, Error> {
        let key = format!("haoma:hand-over:{id}");
        Ok(self.kv.once_per(&key, Self::LIFETIME).await?.is_first())
    }
}
