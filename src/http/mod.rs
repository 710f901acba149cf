//! HTTP: pages for people, JSON for programs, and what both need. `routes.rs` has every route.

pub mod api;
pub mod assets;
pub mod auth;
pub mod context;
pub mod legacy_api;
pub mod middleware;
pub mod oauth;
pub mod ops;
pub mod pages;
pub mod proxy;
pub mod request;
pub mod response;
pub mod route;
pub mod routes;
pub mod state;
mod trailing_slash;
