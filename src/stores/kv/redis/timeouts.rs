//! The time that Redis has for an answer.

use std::time::Duration;

/// The time to open a connection.
pub(super) const CONNECT: Duration = Duration::from_secs(1);
/// The time for a response. A Redis that hangs has to become an error well before a person gives up.
pub(super) const RESPONSE: Duration = Duration::from_millis(500);
/// The time to connect when the process starts, which may mean to ask several nodes one after another.
pub(super) const STARTUP: Duration = Duration::from_secs(3);
