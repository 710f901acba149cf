//! The types that the tables of the legacy APIs are made of.

use actix_web::http::Method;

use crate::domain::legacy_api::LegacyApi;

/// The routes, the field names and the envelope of a legacy API.
pub(super) struct LegacyTable {
    /// The setting that enables it.
    pub(super) api: LegacyApi,
    /// Every path exists under each of these.
    pub(super) prefixes: &'static [&'static str],
    pub(super) routes: &'static [RouteRow],
    pub(super) aliases: FieldAliases,
    pub(super) envelope: Envelope,
}

/// An action, and the methods and paths that request it.
pub(super) struct RouteRow {
    pub(super) action: Action,
    pub(super) methods: &'static [Method],
    pub(super) paths: &'static [&'static str],
}

/// The action of a legacy API's request. Each action has one handler over one flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Captcha,
    SendRegistrationCode,
    Register,
    SignIn,
    CurrentUser,
    /// Like `CurrentUser`, but an empty user in place of an error if nobody is signed in.
    CurrentUserOrEmpty,
    SignOut,
    /// Says whether a number is registered.
    MobileExists,
    /// Sends a code that signs in, and registers a number that has no account.
    SendLoginCode,
    TokenByCode,
    TokenByPassword,
    TokenByRegistration,
}

/// Our name of each field, and the names that clients send it under.
pub(super) type FieldAliases = &'static [(&'static str, &'static [&'static str])];

/// The shape of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Envelope {
    /// Our errno, as a string, under all names that scripts read it from.
    Errno,
    /// Like `Errno`, and with `code`, which is "200" for success.
    ErrnoAndCode,
    /// `code`, which is 100 for success and else 101, and `msg`.
    Drf,
}

/// How to read and answer a request. Its route puts it into the request's extensions.
#[derive(Clone, Copy)]
pub(super) struct LegacyContext {
    pub(super) aliases: FieldAliases,
    pub(super) envelope: Envelope,
    pub(super) action: Action,
}
