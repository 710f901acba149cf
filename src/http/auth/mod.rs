//! Who sends a request: session cookies, bearer tokens, and the cookies of a pending verification.

pub mod bearer;
pub mod client_context;
pub mod cookies;
pub mod duplicate_cookies;
pub mod old_cookies;
pub mod pending_cookie;
pub mod session;
pub mod session_cookie;
