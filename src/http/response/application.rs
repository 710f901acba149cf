//! An application that a person has signed in to, as they see it in a list.

use serde::Serialize;

use super::envelope::timestamp;
use crate::{domain::oauth::scope::ScopeValue, stores::tables::oauth_consents::Application};

/// The JSON of an application.
#[derive(Debug, Serialize)]
pub struct ApplicationData {
    id: String,
    name: String,
    scope: String,
    knows_mobile: bool,
    since: String,
    last_used_at: String,
}

impl ApplicationData {
    /// Describes an application.
    pub fn of(application: &Application) -> Self {
        Self {
            id: application.id.clone(),
            name: application.name.clone(),
            scope: application.scope.to_string(),
            knows_mobile: application.scope.has(ScopeValue::Phone),
            since: timestamp(application.since),
            last_used_at: timestamp(application.last_used_at),
        }
    }
}
