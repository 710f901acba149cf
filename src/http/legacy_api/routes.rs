//! The routes of the legacy APIs, made of their tables.

use actix_web::{
    HttpMessage as _, Route,
    body::BoxBody,
    dev::ServiceRequest,
    http::Method,
    middleware::{Next, from_fn},
    web::{ServiceConfig, resource, route},
};

use super::{
    handlers,
    tables::{AT_ROOT, UNDER_API_V1},
    token_handlers,
    types::{Action, LegacyContext, LegacyTable},
};
use crate::{domain::legacy_api::LegacyApi, http::route::with};

/// Paths at which the service itself has a route. [`super::add_page`] and `http/routes.rs` add the legacy routes there.
const SHARED: [&str; 4] = ["/register", "/login", "/logout", "/user/mobile"];

/// Adds the paths that belong to the enabled legacy APIs alone.
pub fn add_routes(config: &mut ServiceConfig, enabled: &[LegacyApi]) {
    add_tables(config, &AT_ROOT, enabled);
}

/// Adds those under `/api/v1`, whose scope `config` belongs to.
pub fn add_routes_under_api_v1(config: &mut ServiceConfig, enabled: &[LegacyApi]) {
    add_tables(config, &UNDER_API_V1, enabled);
}

fn add_tables(config: &mut ServiceConfig, tables: &[&'static LegacyTable], enabled: &[LegacyApi]) {
    for table in tables.iter().filter(|table| enabled.contains(&table.api)) {
        for path in table.paths() {
            // One resource a pattern: for a resource with several patterns actix-web compiles a regular expression each.
            let patterns = table.patterns(path);
            for pattern in patterns.iter().filter(|pattern| !SHARED.contains(&pattern.as_str())) {
                config.service(with(resource(pattern), table.routes_of(path)));
            }
        }
    }
}

/// Returns the routes of the enabled legacy APIs at a path where the service has a route of its own. A path under
/// `/api/v1` is written without that prefix.
pub fn routes_of_path(path: &str, enabled: &[LegacyApi]) -> Vec<(Method, Route)> {
    let tables = AT_ROOT.into_iter().chain(UNDER_API_V1);
    let routes = tables.filter(|table| enabled.contains(&table.api)).flat_map(|table| {
        let paths = table.paths().into_iter();
        let here = paths.filter(|own| table.patterns(own).iter().any(|pattern| pattern == path));
        here.flat_map(|own| table.routes_of(own))
    });
    routes.collect()
}

impl LegacyTable {
    /// Returns each path of the table once.
    fn paths(&self) -> Vec<&'static str> {
        let mut paths: Vec<_> = self.routes.iter().flat_map(|row| row.paths).copied().collect();
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// Returns a path under every prefix, with and without a trailing slash.
    fn patterns(&self, path: &str) -> Vec<String> {
        let paths = self.prefixes.iter().map(|prefix| format!("{prefix}/{path}"));
        // A pattern with a parameter is a regular expression, which takes memory in every worker: one has to do.
        let with_slash = |path: String| {
            if path.contains('{') {
                vec![path + "{end:/?}"]
            } else {
                vec![path.clone(), path + "/"]
            }
        };
        paths.flat_map(with_slash).collect()
    }

    fn routes_of(&'static self, path: &'static str) -> impl Iterator<Item = (Method, Route)> {
        let rows = self.routes.iter().filter(move |row| row.paths.contains(&path));
        rows.flat_map(|row| {
            let methods = row.methods.iter();
            methods.map(|method| (method.clone(), self.route(row.action, method)))
        })
    }

    /// Returns the route of an action, which puts the context of this table into the request.
    fn route(&self, action: Action, method: &Method) -> Route {
        let context = LegacyContext { aliases: self.aliases, envelope: self.envelope, action };
        let insert_context = from_fn(move |request: ServiceRequest, next: Next<BoxBody>| {
            request.extensions_mut().insert(context);
            async move { next.call(request).await }
        });
        handled_by(action, route().method(method.clone())).wrap(insert_context)
    }
}

fn handled_by(action: Action, route: Route) -> Route {
    match action {
        Action::Captcha => route.to(handlers::captcha),
        Action::SendRegistrationCode => route.to(handlers::send_registration_code),
        Action::Register => route.to(handlers::register),
        Action::SignIn => route.to(handlers::sign_in),
        Action::CurrentUser => route.to(handlers::current_user),
        Action::CurrentUserOrEmpty => route.to(handlers::current_user_or_empty),
        Action::SignOut => route.to(handlers::sign_out),
        Action::MobileExists => route.to(token_handlers::mobile_exists),
        Action::SendLoginCode => route.to(token_handlers::send_login_code),
        Action::TokenByCode => route.to(token_handlers::token_by_code),
        Action::TokenByPassword => route.to(token_handlers::token_by_password),
        Action::TokenByRegistration => route.to(token_handlers::token_by_registration),
    }
}
