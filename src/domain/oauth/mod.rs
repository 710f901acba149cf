//! OAuth 2.0 and OpenID Connect: the values of authorization requests, clients and tokens.

pub mod amr;
pub mod authorization_request;
pub mod client;
pub mod error;
pub mod parameters;
pub mod pkce;
pub mod redirect_uri;
pub mod scope;
pub mod token;
