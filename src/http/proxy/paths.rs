//! The paths by which a proxy of the operator, and a browser on its way between hosts, come to us.

/// The endpoint that proxies ask.
pub const FORWARD_AUTH: &str = "/api/v1/forward-auth";
/// On our own host: hands a session over to one of the sites.
pub const HAND_OVER: &str = "/hand-over";
/// The paths that the proxies of the sites pass on to us.
pub const ON_SITES: &str = "/.haoma/";
/// On a site: begins the way to a session there.
pub const START: &str = "/.haoma/start";
/// On a site: ends that way.
pub const CALLBACK: &str = "/.haoma/callback";
/// On a site: signs out.
pub const SIGN_OUT: &str = "/.haoma/logout";
