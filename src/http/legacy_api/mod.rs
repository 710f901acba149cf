//! The legacy APIs: front-ends that were written for other back ends, served under the paths, field names and envelopes
//! that they know (`docs/legacy-api.md`).
//!
//! This module only translates. Every rule, limit and check is in the flows. The paths and names of each API are data,
//! in `tables`.

mod csrf;
mod handlers;
mod idempotency_key;
mod request;
mod response;
mod routes;
mod shared_paths;
mod tables;
mod token_handlers;
mod types;

pub use self::{
    response::LegacyResponder,
    routes::{add_routes, add_routes_under_api_v1, routes_of_path},
    shared_paths::add_page,
};
