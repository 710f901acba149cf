//! Answers for programs: the JSON envelope and the status of every error.

pub mod device;
pub mod envelope;
pub mod status;
