//! Every route, what limits and protects it, and who may cache its answer.

use std::collections::BTreeSet;

use haoma::errors::LimitMessage;

/// What limits the use of a route.
pub(crate) enum Bound {
    /// These limits refuse with 429.
    Limits(&'static [LimitMessage]),
    /// No limit is needed, for this reason.
    Nothing(&'static str),
}

use Bound::{Limits, Nothing};

/// How a route is protected against use by another site.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Guard {
    /// It changes nothing.
    Reads,
    /// It changes nothing, but is counted or costs something, so a page of another site gets no answer either.
    Costs,
    /// It changes something, so a request from another site is refused.
    SameOrigin,
    /// It takes no cookies, or leads on to the same request by GET, so it does not matter which site a request comes from.
    NoCookies,
}

use Guard::{Costs, NoCookies, Reads, SameOrigin};

/// Who may cache an answer.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Cache {
    NoStore,
    /// For ever, under a name that changes with its content.
    Immutable,
    /// For a few minutes, because it changes seldom and is the same for all users.
    Briefly,
}

use Cache::{Briefly, Immutable, NoStore};
pub(crate) type Row = (&'static str, &'static str, Bound, Guard, Cache);

const SENDS: Bound = Limits(&[
    LimitMessage::Address,
    LimitMessage::Resend,
    LimitMessage::Mobile,
    LimitMessage::Prefix,
]);
const SIGNS_IN: Bound =
    Limits(&[LimitMessage::Address, LimitMessage::SignIn, LimitMessage::WrongCodes]);
const SPENDS: Bound = Limits(&[LimitMessage::WrongCodes]);
/// The limits of a form that both sends a code and consumes it.
const BOTH: Bound = Limits(&[
    LimitMessage::Address,
    LimitMessage::Resend,
    LimitMessage::Mobile,
    LimitMessage::Prefix,
    LimitMessage::SignIn,
    LimitMessage::WrongCodes,
]);
const PAGE: Bound = Nothing("shows a form");
const OWN: Bound = Nothing("needs a session");

pub(crate) const ROWS: &[Row] = &[
    ("GET", "/", Nothing("sends on"), Reads, NoStore),
    ("GET", "/register", PAGE, Reads, NoStore),
    ("POST", "/register", BOTH, SameOrigin, NoStore),
    ("GET", "/login", PAGE, Reads, NoStore),
    ("POST", "/login", BOTH, SameOrigin, NoStore),
    ("GET", "/reset-password", PAGE, Reads, NoStore),
    ("POST", "/reset-password", BOTH, SameOrigin, NoStore),
    ("GET", "/account", OWN, Reads, NoStore),
    ("POST", "/account/sessions", OWN, SameOrigin, NoStore),
    ("POST", "/account/devices", OWN, SameOrigin, NoStore),
    ("POST", "/account/applications", OWN, SameOrigin, NoStore),
    ("GET", "/account/name", OWN, Reads, NoStore),
    ("POST", "/account/name", OWN, SameOrigin, NoStore),
    ("GET", "/account/password", OWN, Reads, NoStore),
    ("POST", "/account/password", OWN, SameOrigin, NoStore),
    ("GET", "/account/mobile", OWN, Reads, NoStore),
    ("POST", "/account/mobile", BOTH, SameOrigin, NoStore),
    ("GET", "/account/delete", OWN, Reads, NoStore),
    ("POST", "/account/delete", SPENDS, SameOrigin, NoStore),
    ("POST", "/logout", OWN, SameOrigin, NoStore),
    ("GET", "/static/{name}", Nothing("is in memory"), Reads, Immutable),
    ("GET", "/favicon.ico", Nothing("is in memory"), Reads, Briefly),
    (
        "POST",
        "/webhooks/sms/{provider}/{secret}",
        Nothing("its address is a secret"),
        SameOrigin,
        NoStore,
    ),
    ("GET", "/healthz", Nothing("uses no store"), Reads, NoStore),
    ("GET", "/readyz", Nothing("asks each store once"), Reads, NoStore),
    ("GET", "/.well-known/jwks.json", Nothing("is in memory"), Reads, Briefly),
    ("GET", "/.well-known/openid-configuration", Nothing("is in memory"), Reads, Briefly),
    ("GET", "/.well-known/oauth-authorization-server", Nothing("is in memory"), Reads, Briefly),
    ("GET", "/oauth/authorize", Nothing("gives codes to who is signed in"), Reads, NoStore),
    ("POST", "/oauth/authorize", Nothing("sends on"), NoCookies, NoStore),
    ("POST", "/oauth/consent", Nothing("answers what a client asks"), SameOrigin, NoStore),
    ("POST", "/oauth/token", Nothing("its secrets have 256 bits"), NoCookies, NoStore),
    ("GET", "/oauth/userinfo", Nothing("its tokens have 256 bits"), Reads, NoStore),
    ("POST", "/oauth/userinfo", Nothing("its tokens have 256 bits"), NoCookies, NoStore),
    ("POST", "/oauth/revoke", Nothing("its secrets have 256 bits"), NoCookies, NoStore),
    ("POST", "/oauth/introspect", Nothing("its secrets have 256 bits"), NoCookies, NoStore),
    ("GET", "/oauth/logout", Nothing("asks who is signed in"), Reads, NoStore),
    ("POST", "/oauth/logout", Nothing("sends on"), NoCookies, NoStore),
    ("POST", "/oauth/logout/confirmed", Nothing("signs out"), SameOrigin, NoStore),
    ("GET", "/api/v1/openapi.json", Nothing("is in memory"), Reads, Briefly),
    (
        "GET",
        "/api/v1/captchas/{id}",
        Nothing("draws as many at once as there are cores"),
        Costs,
        NoStore,
    ),
    ("GET", "/api/v1/captchas/{id}/audio", Nothing("counts like a picture"), Costs, NoStore),
    ("GET", "/api/v1/proof-of-work", Nothing("is signed and not kept"), Costs, NoStore),
    ("POST", "/api/v1/sms-codes", SENDS, SameOrigin, NoStore),
    ("POST", "/api/v1/users", SPENDS, SameOrigin, NoStore),
    ("GET", "/api/v1/sessions", OWN, Reads, NoStore),
    ("DELETE", "/api/v1/sessions", OWN, SameOrigin, NoStore),
    ("DELETE", "/api/v1/sessions/{id}", OWN, SameOrigin, NoStore),
    ("GET", "/api/v1/user/devices", OWN, Reads, NoStore),
    ("DELETE", "/api/v1/user/devices/{id}", OWN, SameOrigin, NoStore),
    ("GET", "/api/v1/user/applications", OWN, Reads, NoStore),
    ("DELETE", "/api/v1/user/applications/{id}", OWN, SameOrigin, NoStore),
    ("PATCH", "/api/v1/user", OWN, SameOrigin, NoStore),
    ("DELETE", "/api/v1/user", SPENDS, SameOrigin, NoStore),
    ("PUT", "/api/v1/user/password", OWN, SameOrigin, NoStore),
    ("PUT", "/api/v1/user/mobile", SPENDS, SameOrigin, NoStore),
    ("POST", "/api/v1/tokens", SIGNS_IN, SameOrigin, NoStore),
    ("GET", "/api/v1/session/jwt", OWN, Reads, NoStore),
    ("GET", "/api/v1/forward-auth", OWN, Reads, NoStore),
    ("POST", "/api/v1/password-resets", SPENDS, SameOrigin, NoStore),
    ("GET", "/api/v1/session", OWN, Reads, NoStore),
    ("POST", "/api/v1/session", SIGNS_IN, SameOrigin, NoStore),
    ("DELETE", "/api/v1/session", OWN, SameOrigin, NoStore),
];

/// The routes that exist with `SITES` only.
pub(crate) const ROWS_WITH_SITES: &[Row] = &[
    ("GET", "/hand-over", OWN, Reads, NoStore),
    ("GET", "/.haoma/start", Nothing("sends on"), Reads, NoStore),
    ("GET", "/.haoma/callback", Nothing("needs a ticket of ours"), Reads, NoStore),
    ("POST", "/.haoma/logout", OWN, SameOrigin, NoStore),
];

/// Returns the paths with this prefix, and their methods.
pub(crate) fn routes_under(beginning: &str) -> BTreeSet<(&'static str, &'static str)> {
    let rows = ROWS.iter().map(|row| (row.0, row.1));
    rows.filter(|(_, path)| path.starts_with(beginning)).collect()
}

/// The actions of older front-ends, which are the same at other paths: the limits of each, and whether other sites are
/// refused.
pub(crate) const STEPS: &[(&str, Bound, Guard)] = &[
    ("Captcha", Limits(&[LimitMessage::Address]), Costs),
    ("SendRegistrationCode", SENDS, SameOrigin),
    ("Register", SPENDS, SameOrigin),
    ("SignIn", SIGNS_IN, SameOrigin),
    ("CurrentUser", OWN, Reads),
    ("CurrentUserOrEmpty", OWN, Reads),
    ("SignOut", OWN, SameOrigin),
    ("MobileExists", Limits(&[LimitMessage::Address]), Costs),
    ("SendLoginCode", SENDS, SameOrigin),
    ("TokenByCode", SIGNS_IN, SameOrigin),
    ("TokenByPassword", SIGNS_IN, SameOrigin),
    ("TokenByRegistration", SPENDS, SameOrigin),
];
