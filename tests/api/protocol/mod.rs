//! Routes, methods, bodies, languages and idempotency keys.

mod assets;
mod countries;
mod edges;
mod handlers;
mod idempotency;
mod inputs;
mod languages;
mod request_ids;
mod routes;
mod surface;
