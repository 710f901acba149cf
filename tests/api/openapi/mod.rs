//! Checks the document at `/api/v1/openapi.json` against the code, against real answers, and with Schemathesis.

mod answers;
mod clients;
mod code;
mod document;
mod fields;
mod page;
mod schema;
mod schemathesis;
mod words;
