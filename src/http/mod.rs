//! The faces of the flows: pages for people, JSON for programs; all routes on one screen.

mod access_log;
pub mod api;
pub mod assets;
pub mod bearer;
pub mod bodies;
pub mod client_context;
pub mod connection_limit;
mod cookies;
mod device;
pub mod doubled_cookies;
pub mod envelope;
pub mod error_messages;
pub mod error_response;
pub mod forwarded;
pub mod head_limits;
pub mod health;
pub mod idempotency;
pub mod input;
pub mod legacy_api;
pub mod metrics;
pub mod old_cookies;
pub mod origin;
pub mod original;
pub mod pages;
pub mod pending_cookie;
pub mod receipts;
pub mod session;
pub mod session_cookie;
pub mod shutdown;
pub mod state;
pub mod static_root;
pub mod status;
pub mod templates;
pub mod timeout;
mod trailing_slash;
mod untrusted_proxy_warning;
mod values;
pub mod words;

use actix_web::{
    FromRequest, Handler, Resource, Responder, Route, guard,
    http::Method,
    web::{ServiceConfig, resource, route, scope},
};

use self::pages::account_changes as changes;
pub use self::{
    bearer::bearer,
    doubled_cookies::doubled_cookies,
    error_response::error_response,
    old_cookies::old_cookies,
    origin::check_origin,
    pages::template_check::render_all_templates,
    session::session_middleware,
    session_cookie::set_max_age,
    state::{WebSettings, WebState},
    timeout::run_detached,
};
use crate::{domain::legacy_api::LegacyApi, errors::Error};

/// For people.
fn pages(config: &mut ServiceConfig, spoken: &[LegacyApi]) {
    config.service(at("/", [get(pages::home::get)]));
    let mut page_at = |path, methods: Vec<_>| {
        legacy_api::page(config, spoken, path, methods);
        trailing_slash::service(config, spoken, path);
    };
    page_at("/register", vec![get(pages::register::get), post(pages::register::post)]);
    page_at("/login", vec![get(pages::login::get), post(pages::login::post)]);
    page_at("/logout", vec![post(pages::logout::post)]);
    page_at(
        "/reset-password",
        vec![get(pages::reset_password::get), post(pages::reset_password::post)],
    );
    page_at("/account", vec![get(pages::account::get)]);
    page_at("/account/sessions", vec![post(pages::account::post_sessions)]);
    page_at("/account/name", vec![get(changes::get_name), post(changes::post_name)]);
    page_at("/account/password", vec![get(changes::get_password), post(changes::post_password)]);
    page_at("/account/mobile", vec![get(changes::get_mobile), post(changes::post_mobile)]);
    page_at("/account/delete", vec![get(changes::get_delete), post(changes::post_delete)]);
}

/// Every route there is; those of older front-ends only where their dialects are spoken.
pub fn routes(config: &mut ServiceConfig, web: &WebState) {
    let spoken = &*web.dialects;
    if web.static_root.is_some() {
        config.configure(static_root::service);
    }
    config
        .configure(|it| pages(it, spoken))
        .service(at("/static/{name}", [get(assets::get)]))
        .service(at("/webhooks/sms/{provider}/{secret}", [post(receipts::post)]))
        .service(at("/healthz", [get(health::healthz)]))
        .service(at("/readyz", [get(health::readyz)]))
        .service(at("/.well-known/jwks.json", [get(api::jwt::keys)]))
        .service(scope("/api/v1").configure(|it| api(it, spoken)))
        // Last: our own paths are found sooner.
        .configure(|it| legacy_api::services(it, spoken))
        .default_service(route().to(|| async { Err::<&str, _>(Error::NotFound) }));
}

/// For programs, under `/api/v1`.
fn api(config: &mut ServiceConfig, spoken: &[LegacyApi]) {
    let asked_of_mobile = legacy_api::shared_routes("/user/mobile", spoken).into_iter();
    config
        .service(at("/openapi.json", [get(api::openapi::get)]))
        .service(at("/captchas/{id}", [get(api::captchas::get)]))
        .service(at("/captchas/{id}/audio", [get(api::captchas::get_audio)]))
        .service(at("/proof-of-work", [get(api::proof_of_work::get)]))
        .service(at("/sms-codes", [post(api::sms_codes::post)]))
        .service(at("/users", [post(api::users::post)]))
        .service(at("/sessions", [get(api::sessions::get), delete(api::sessions::delete_others)]))
        .service(at("/sessions/{id}", [delete(api::sessions::delete)]))
        .service(at("/user", [patch(api::user::patch), delete(api::user::delete)]))
        .service(at("/user/password", [put(api::user::put_password)]))
        .service(at("/user/mobile", asked_of_mobile.chain([put(api::user::put_mobile)])))
        .service(at("/tokens", [post(api::tokens::post)]))
        .service(at("/session/jwt", [get(api::jwt::get)]))
        .service(at("/forward-auth", [get(api::forward_auth::get)]))
        .service(at("/password-resets", [post(api::password_resets::post)]))
        .service(at(
            "/session",
            [get(api::session::get), post(api::session::post), delete(api::session::delete)],
        ))
        .configure(|it| legacy_api::services_of_api(it, spoken));
}

/// A path with its methods; any other is refused by name, not as an unknown path.
fn at(path: &str, methods: impl IntoIterator<Item = (Method, Route)>) -> Resource {
    with(resource(path), methods)
}

fn with(resource: Resource, methods: impl IntoIterator<Item = (Method, Route)>) -> Resource {
    let mut allow: Vec<String> = Vec::new();
    let mut told = resource;
    for (method, route) in methods {
        // A page and a dialect may take the same method at one path.
        if !allow.iter().any(|it| it == method.as_str()) {
            allow.push(method.to_string());
        }
        told = told.route(route);
    }
    let allow = allow.join(", ");
    told.default_service(route().to(move || {
        let refused = Error::MethodNotAllowed { allow: allow.clone() };
        async { Err::<&str, _>(refused) }
    }))
}

/// Where there is GET there is HEAD.
fn get<H, Args>(handler: H) -> (Method, Route)
where
    H: Handler<Args>,
    Args: FromRequest + 'static,
    H::Output: Responder + 'static,
{
    let reads = guard::Any(guard::Get()).or(guard::Head());
    (Method::GET, route().guard(reads).to(handler))
}

fn post<H, Args>(handler: H) -> (Method, Route)
where
    H: Handler<Args>,
    Args: FromRequest + 'static,
    H::Output: Responder + 'static,
{
    (Method::POST, actix_web::web::post().to(handler))
}

fn delete<H, Args>(handler: H) -> (Method, Route)
where
    H: Handler<Args>,
    Args: FromRequest + 'static,
    H::Output: Responder + 'static,
{
    (Method::DELETE, actix_web::web::delete().to(handler))
}

fn put<H, Args>(handler: H) -> (Method, Route)
where
    H: Handler<Args>,
    Args: FromRequest + 'static,
    H::Output: Responder + 'static,
{
    (Method::PUT, actix_web::web::put().to(handler))
}

fn patch<H, Args>(handler: H) -> (Method, Route)
where
    H: Handler<Args>,
    Args: FromRequest + 'static,
    H::Output: Responder + 'static,
{
    (Method::PATCH, actix_web::web::patch().to(handler))
}
