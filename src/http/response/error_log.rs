//! The line in the log and the metric of each error.

use super::error_table::error_row;
use crate::{errors::Error, metrics::Metrics};

/// Logs an error and counts it by its name. Call it once an error, where the answer is written.
///
/// The source of an error goes into the log alone, never into an answer.
pub fn log_error(metrics: &Metrics, error: &Error) {
    let row = error_row(error);
    let (name, errno, status) = (row.name(), row.errno.code(), row.status.as_u16());
    metrics.refused(name);
    if let Error::Store(source) | Error::Internal(source) = error {
        let source = source.to_string();
        log::error!("event=failure error={name} errno={errno} status={status} source={source:?}");
    } else {
        log::log!(row.level, "event=refused error={name} errno={errno} status={status}");
    }
}
