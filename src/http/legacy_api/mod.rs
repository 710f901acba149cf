//! Older front-ends, answered under the paths, names and envelopes that they were written for.
//!
//! A dialect only translates: every rule, limit and check is the flows' own. What a family asks for and
//! how it calls things is data, in a file of its own.

mod csrf;
mod drf;
mod handlers;
mod ihome;
mod passport;
mod repeated;
mod request;
mod response;
mod shared_paths;
mod token_handlers;

use actix_web::{
    HttpMessage as _, Route,
    body::BoxBody,
    dev::ServiceRequest,
    http::Method,
    middleware::{Next, from_fn},
    web::{Data, ServiceConfig, resource, route},
};

use self::{
    request::{FieldAliases, LegacyRequest},
    response::{Envelope, LegacyContext},
};
pub use self::{response::LegacyResponder, shared_paths::page};
use super::{auth::client_context::ClientContext, route::with};
use crate::{domain::legacy_api::LegacyApi, flows::State};

/// What nearly every handler of a step needs.
type Call = (Data<State>, ClientContext, LegacyResponder, LegacyRequest);

/// What a family of front-ends asks for, and how it calls things.
struct Family {
    dialect: LegacyApi,
    prefixes: &'static [&'static str],
    routes: &'static [RouteRow],
    names: FieldAliases,
    manner: Envelope,
}

/// A step, and the requests that stand for it.
struct RouteRow {
    step: Action,
    methods: &'static [Method],
    paths: &'static [&'static str],
}

/// What can be asked for; each is a handler of one flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Captcha,
    SendCode,
    Register,
    SignIn,
    Who,
    /// The same, where nobody is not a failure.
    WhoIfAnybody,
    SignOut,
    /// Whether a number is registered.
    Exists,
    /// A code that both signs in and registers.
    SendLoginCode,
    TokenByCode,
    TokenByPassword,
    TokenByRegistering,
}

/// Those with prefixes of their own; where two share a path the first is asked.
const OUTSIDE: [&Family; 4] =
    [&ihome::NOBODY_IS_FINE, &ihome::VERSIONED, &ihome::BARE, &passport::FAMILY];
/// Those under `/api/v1`.
const INSIDE: [&Family; 1] = [&drf::FAMILY];

/// Where something of our own stands; what a dialect asks for there is sorted out by [`page()`] and
/// [`beside`].
const SHARED: [&str; 4] = ["/register", "/login", "/logout", "/user/mobile"];

/// Adds the paths that belong to the dialects alone.
pub fn services(config: &mut ServiceConfig, spoken: &[LegacyApi]) {
    add(config, &OUTSIDE, spoken);
}

/// The same for those under `/api/v1`.
pub fn services_of_api(config: &mut ServiceConfig, spoken: &[LegacyApi]) {
    add(config, &INSIDE, spoken);
}

fn add(config: &mut ServiceConfig, families: &[&'static Family], spoken: &[LegacyApi]) {
    for family in families.iter().filter(|it| spoken.contains(&it.dialect)) {
        for path in family.paths() {
            // One at a time: of several at once the framework makes a regular expression each.
            for pattern in family.patterns(path).iter().filter(|it| !SHARED.contains(&it.as_str()))
            {
                config.service(with(resource(pattern), family.methods_of(path)));
            }
        }
    }
}

/// What the dialects ask for at a path of our own; below `/api/v1` as it is named there.
pub fn shared_routes(path: &str, spoken: &[LegacyApi]) -> Vec<(Method, Route)> {
    let families = OUTSIDE.into_iter().chain(INSIDE).filter(|it| spoken.contains(&it.dialect));
    let shared = families.flat_map(|family| {
        let paths = family.paths().into_iter();
        let here = paths.filter(|it| family.patterns(it).iter().any(|pattern| pattern == path));
        here.flat_map(|it| family.methods_of(it))
    });
    shared.collect()
}

impl Family {
    /// Each path once.
    fn paths(&self) -> Vec<&'static str> {
        let mut paths: Vec<_> = self.routes.iter().flat_map(|it| it.paths).copied().collect();
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// A path under every prefix, with and without a closing slash.
    fn patterns(&self, path: &str) -> Vec<String> {
        let whole = self.prefixes.iter().map(|prefix| format!("{prefix}/{path}"));
        // Where it holds a value it is a regular expression, which takes memory in every worker.
        let both_ends = |it: String| {
            if it.contains('{') { vec![it + "{end:/?}"] } else { vec![it.clone(), it + "/"] }
        };
        whole.flat_map(both_ends).collect()
    }

    fn methods_of(&'static self, path: &'static str) -> impl Iterator<Item = (Method, Route)> {
        let rows = self.routes.iter().filter(move |row| row.paths.contains(&path));
        rows.flat_map(|row| {
            let methods = row.methods.iter();
            methods.map(|method| (method.clone(), self.route(row.step, method)))
        })
    }

    /// The handler of a step, told in whose names and manner it is asked.
    fn route(&self, step: Action, method: &Method) -> Route {
        let asking = LegacyContext { names: self.names, manner: self.manner, step };
        let tell = from_fn(move |request: ServiceRequest, next: Next<BoxBody>| {
            request.extensions_mut().insert(asking);
            async move { next.call(request).await }
        });
        step.handle(route().method(method.clone())).wrap(tell)
    }
}
