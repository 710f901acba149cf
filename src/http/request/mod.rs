//! Request bodies: read with limits, parsed into domain values.

pub mod bodies;
pub mod idempotency;
pub mod input;
pub mod parser;
pub mod values;
