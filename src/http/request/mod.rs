//! Request bodies: read within limits, and parsed into domain values.

pub mod bodies;
pub mod body;
pub mod fields;
pub mod idempotency;
pub mod parser;
pub mod reader;
