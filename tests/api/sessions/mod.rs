//! Sign-in, session cookies, bearer tokens and JWTs.

mod at_sites;
mod duplicate_cookies;
mod forward_auth;
mod hand_over;
mod instances;
mod jwt;
mod jwt_keys;
mod secret_keys;
mod session_cookie;
mod sign_in;
mod site_session;
mod sites;
mod tokens;
