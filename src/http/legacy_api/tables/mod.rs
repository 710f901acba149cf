//! The legacy APIs as data: routes, field names and envelope of each.

mod drf;
mod flask_ihome;
mod flask_passport;

use super::types::LegacyTable;

/// The tables with prefixes of their own. Where two have the same path, the first gets the request.
pub(super) const AT_ROOT: [&LegacyTable; 4] = [
    &flask_ihome::CURRENT_USER_OR_EMPTY,
    &flask_ihome::VERSIONED,
    &flask_ihome::BARE,
    &flask_passport::PASSPORT,
];

/// The tables whose routes stand under `/api/v1`, and are written without it.
pub(super) const UNDER_API_V1: [&LegacyTable; 1] = [&drf::DRF];
