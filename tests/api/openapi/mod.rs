//! The document at `/api/v1/openapi.json` says what is so: held against the code, against real answers, and by
//! Schemathesis.

mod answers;
mod clients;
mod code;
mod document;
mod fields;
mod page;
mod schema;
mod schemathesis;
mod words;
