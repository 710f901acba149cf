//! Times of the database as JSON.

use chrono::NaiveDateTime;
use serde::{Serialize as _, Serializer};

/// Writes a time of the database, which is UTC, with its zone.
pub(crate) fn serialize_utc<S: Serializer>(
    at: &(impl Into<Option<NaiveDateTime>> + Copy),
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let at: Option<NaiveDateTime> = (*at).into();
    at.map(|at| at.and_utc()).serialize(serializer)
}
