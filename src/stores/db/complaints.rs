//! What is said in the log while the database is away.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use diesel::r2d2::HandleError;
use tokio::time::Instant;

use super::address::OpenError;

/// Says it once in a while: it is asked for several times a second.
#[derive(Debug, Default)]
pub(super) struct Complaints(Mutex<Option<Instant>>);

impl Complaints {
    pub(super) fn say(&self, error: &OpenError) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|it| it.elapsed() > Duration::from_secs(10)) {
            *last = Some(Instant::now());
            log::error!("event=database_away error={:?}", error.to_string());
        }
    }
}

impl HandleError<OpenError> for Complaints {
    fn handle_error(&self, error: OpenError) {
        self.say(&error);
    }
}
