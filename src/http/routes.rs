//! Every route, on one screen.

use actix_web::{
    Route,
    http::Method,
    web::{ServiceConfig, route, scope},
};

use super::{
    api,
    assets::{embedded_handler, static_root_handler},
    legacy_api,
    middleware::cors,
    oauth::{
        self,
        paths::{
            AUTHORIZE, CONSENT, INTROSPECT, JWKS, LOGOUT, LOGOUT_CONFIRMED, OPENID_CONFIGURATION,
            REVOKE, SERVER_METADATA, TOKEN, USERINFO,
        },
        userinfo,
    },
    ops::{health, sms_receipts},
    pages::routes::{self as pages, account_settings as settings},
    proxy::paths::{CALLBACK, HAND_OVER, SIGN_OUT, START},
    route::{at, delete, get, options, patch, post, put},
    state::WebState,
    trailing_slash,
};
use crate::{
    domain::{legacy_api::LegacyApi, sites::Sites},
    errors::Error,
};

/// The pages.
fn page_routes(config: &mut ServiceConfig, enabled: &[LegacyApi]) {
    config.service(at("/", [get(pages::home::get)]));
    let mut page_at = |path, methods: Vec<_>| {
        legacy_api::add_page(config, enabled, path, methods);
        trailing_slash::service(config, enabled, path);
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
    page_at("/account/devices", vec![post(pages::account::post_devices)]);
    page_at("/account/applications", vec![post(pages::account::post_applications)]);
    page_at("/account/name", vec![get(settings::get_name), post(settings::post_name)]);
    page_at("/account/password", vec![get(settings::get_password), post(settings::post_password)]);
    page_at("/account/mobile", vec![get(settings::get_mobile), post(settings::post_mobile)]);
    page_at("/account/delete", vec![get(settings::get_delete), post(settings::post_delete)]);
}

/// The way to a session on one of the sites.
fn site_routes(config: &mut ServiceConfig, sites: &Sites) {
    if !sites.is_empty() {
        config
            .service(at(HAND_OVER, [get(pages::sites::hand_over_session)]))
            .service(at(START, [get(pages::sites::start)]))
            .service(at(CALLBACK, [get(pages::sites::callback)]))
            .service(at(SIGN_OUT, [post(pages::sites::sign_out_there)]));
    }
}

/// OAuth 2.0 and OpenID Connect.
fn oauth_routes(config: &mut ServiceConfig) {
    let open = || [options(oauth::preflight::answer)];
    config
        .service(at(JWKS, [get(api::jwt::keys)]))
        .service(at(OPENID_CONFIGURATION, [get(oauth::discovery::get)]))
        .service(at(SERVER_METADATA, [get(oauth::discovery::get)]))
        .service(at(AUTHORIZE, [get(oauth::authorize::get), post(oauth::by_get::post)]))
        .service(at(CONSENT, [post(oauth::consent::post)]))
        .service(at(TOKEN, [post(oauth::token::post)].into_iter().chain(open())))
        .service(at(USERINFO, [get(userinfo::get), post(userinfo::get)].into_iter().chain(open())))
        .service(at(REVOKE, [post(oauth::revoke::post)].into_iter().chain(open())))
        .service(at(INTROSPECT, [post(oauth::introspect::post)]))
        .service(at(LOGOUT_CONFIRMED, [post(oauth::logout::post_confirmed)]))
        .service(at(LOGOUT, [get(oauth::logout::get), post(oauth::by_get::post)]));
}

/// Adds every route. Those of a legacy API are added only where the operator has enabled it.
pub fn configure(config: &mut ServiceConfig, web: &WebState) {
    let (enabled, sites) = (&*web.http.legacy_apis, &web.http.sites);
    if web.static_root.is_some() {
        config.configure(static_root_handler::service);
    }
    config
        .configure(|config| page_routes(config, enabled))
        .configure(|config| site_routes(config, sites))
        .service(at("/static/{name}", [get(embedded_handler::get)]))
        .service(at("/favicon.ico", [get(embedded_handler::get_favicon)]))
        .service(at("/webhooks/sms/{provider}/{secret}", [post(sms_receipts::post)]))
        .service(at("/healthz", [get(health::healthz)]))
        .service(at("/readyz", [get(health::readyz)]))
        .configure(oauth_routes)
        .service(scope("/api/v1").configure(|config| api_routes(config, enabled, sites)))
        // Last, so that our own paths are found sooner.
        .configure(|config| legacy_api::add_routes(config, enabled))
        .default_service(route().to(|| async { Err::<&str, _>(Error::NotFound) }));
}

/// What a page of one of the sites asks before it sends a request that is no form's.
fn preflight(sites: &Sites) -> Option<(Method, Route)> {
    (!sites.is_empty()).then(|| options(cors::preflight))
}

/// The JSON API, under `/api/v1`.
fn api_routes(config: &mut ServiceConfig, enabled: &[LegacyApi], sites: &Sites) {
    let legacy_routes = legacy_api::routes_of_path("/user/mobile", enabled).into_iter();
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
        .service(at("/user/devices", [get(api::devices::get)]))
        .service(at("/user/devices/{id}", [delete(api::devices::delete)]))
        .service(at("/user/applications", [get(api::applications::get)]))
        .service(at("/user/applications/{id}", [delete(api::applications::delete)]))
        .service(at("/user/password", [put(api::user::put_password)]))
        .service(at("/user/mobile", legacy_routes.chain([put(api::user::put_mobile)])))
        .service(at("/tokens", [post(api::tokens::post)]))
        .service(at("/session/jwt", [get(api::jwt::get)].into_iter().chain(preflight(sites))))
        .service(at("/forward-auth", [get(api::forward_auth::get)]))
        .service(at("/password-resets", [post(api::password_resets::post)]))
        .service(at(
            "/session",
            [get(api::session::get), post(api::session::post), delete(api::session::delete)]
                .into_iter()
                .chain(preflight(sites)),
        ))
        .configure(|config| legacy_api::add_routes_under_api_v1(config, enabled));
}
