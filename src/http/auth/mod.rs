//! The client of a request: session cookies, bearer tokens, and the cookies of a pending verification.

pub mod bearer;
pub mod client_context;
pub mod cookies;
pub mod country_cookie;
pub mod current_session;
pub mod device_cookie;
pub mod duplicate_cookies;
pub mod encrypted_cookie;
pub mod hand_over;
pub mod pending_cookie;
pub mod session_cookie;
pub mod session_store;
pub mod sign_out;
pub mod site_session;
pub mod viewer;
