//! What clients read to set themselves up (OpenID Connect Discovery 1.0; RFC 8414).

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL},
    web::Data,
};
use serde_json::{Value, json};

use super::{issuer::issuer, paths};
use crate::{
    domain::{
        oauth::{amr::Amr, scope::ScopeValue},
        signing_algorithm::SigningAlgorithm,
    },
    errors::Error,
    http::state::WebState,
    i18n::language::{LANGUAGES, Language},
};

/// `GET /.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`.
pub async fn get(request: HttpRequest, web: Data<WebState>) -> Result<HttpResponse, Error> {
    let issuer = issuer(&request, &web)?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .json(configuration(&issuer)))
}

fn configuration(issuer: &str) -> Value {
    let at = |path: &str| format!("{issuer}{path}");
    let proofs = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];
    let signs_assertions = ["RS256", "PS256", "ES256", "EdDSA"];
    json!({
        "issuer": issuer,
        "authorization_endpoint": at(paths::AUTHORIZE),
        "token_endpoint": at(paths::TOKEN),
        "userinfo_endpoint": at(paths::USERINFO),
        "revocation_endpoint": at(paths::REVOKE),
        "introspection_endpoint": at(paths::INTROSPECT),
        "end_session_endpoint": at(paths::LOGOUT),
        "jwks_uri": at(paths::JWKS),
        "scopes_supported": ScopeValue::ALL.map(ScopeValue::as_str),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": SigningAlgorithm::ALL.map(SigningAlgorithm::as_str),
        "token_endpoint_auth_methods_supported": proofs,
        "token_endpoint_auth_signing_alg_values_supported": signs_assertions,
        "revocation_endpoint_auth_methods_supported": proofs,
        "revocation_endpoint_auth_signing_alg_values_supported": signs_assertions,
        "introspection_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "introspection_endpoint_auth_signing_alg_values_supported": signs_assertions,
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid",
            "name", "preferred_username", "picture", "phone_number", "phone_number_verified",
        ],
        "acr_values_supported": [Amr::ACR],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": LANGUAGES.map(Language::tag),
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
    })
}
