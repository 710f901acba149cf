//! What is said in the log while the database is away.

use std::time::Duration;

use diesel::r2d2::HandleError;

use crate::{logging::Throttle, stores::OpenError};

/// Says it once in a while: it is asked for several times a second.
#[derive(Debug)]
pub(super) struct Complaints(Throttle);

impl Default for Complaints {
    fn default() -> Self {
        Self(Throttle::new(Duration::from_secs(10)))
    }
}

impl Complaints {
    pub(super) fn say(&self, error: &OpenError) {
        if self.0.is_due() {
            log::error!("event=database_away error={:?}", error.to_string());
        }
    }
}

impl HandleError<OpenError> for Complaints {
    fn handle_error(&self, error: OpenError) {
        self.say(&error);
    }
}
