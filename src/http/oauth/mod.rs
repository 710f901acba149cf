//! The endpoints of OAuth 2.0 and OpenID Connect.

pub mod asked;
pub mod authorize;
pub mod by_get;
pub mod client_request;
pub mod consent;
pub mod consent_page;
pub mod discovery;
pub mod introspect;
pub mod issuer;
pub mod json_answer;
pub mod logout;
pub mod paths;
pub mod preflight;
pub mod redirect_answer;
pub mod resume;
pub mod revoke;
pub mod token;
pub mod userinfo;
