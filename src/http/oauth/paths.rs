//! The paths of the endpoints.

/// Where a client sends people to sign in.
pub const AUTHORIZE: &str = "/oauth/authorize";
/// Where the page of consent sends its form.
pub const CONSENT: &str = "/oauth/consent";
/// Where a client exchanges a code or refresh token.
pub const TOKEN: &str = "/oauth/token";
/// Where a client asks who has signed in.
pub const USERINFO: &str = "/oauth/userinfo";
/// Where a client gives a token up.
pub const REVOKE: &str = "/oauth/revoke";
/// Where a client asks whether a token is good.
pub const INTROSPECT: &str = "/oauth/introspect";
/// Where a client sends people to sign out.
pub const LOGOUT: &str = "/oauth/logout";
/// Where the page that asks whether to sign out sends its form.
pub const LOGOUT_CONFIRMED: &str = "/oauth/logout/confirmed";
/// The configuration, as OpenID Connect Discovery names it.
pub const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
/// The same, as RFC 8414 names it.
pub const SERVER_METADATA: &str = "/.well-known/oauth-authorization-server";
/// The public keys.
pub const JWKS: &str = "/.well-known/jwks.json";

/// Returns whether programs send their requests to this path with their own proof and never with a cookie, so that it does
/// not matter which page a request comes from.
pub fn is_for_clients(path: &str) -> bool {
    matches!(path, TOKEN | USERINFO | REVOKE | INTROSPECT)
}

/// Returns whether clients may send people to this path by POST. That leads on to the same request by GET.
pub fn is_sent_by_clients(path: &str) -> bool {
    matches!(path, AUTHORIZE | LOGOUT)
}
