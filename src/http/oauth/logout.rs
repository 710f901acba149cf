//! `/oauth/logout`: a client sends a person to sign out (OpenID Connect RP-Initiated Logout 1.0).

use actix_web::{HttpResponse, http::StatusCode};
use serde_json::Value;
use tera::Context;
use url::form_urlencoded::Serializer;

use super::{paths, redirect_answer::allow_target};
use crate::{
    domain::oauth::{client::OauthClient, parameters::Parameters, redirect_uri},
    errors::Error,
    flows::{State, oauth::grant_code::find_client},
    http::{
        auth::{pending_cookie, sign_out::sign_out_request, viewer::Viewer},
        pages::{done::Done, form_request::FormRequest, view::see_other},
        request::body::Form,
    },
};

/// What a client asks, as far as it is known to be good.
#[derive(Default)]
struct LogoutRequest {
    /// The client, if it is named and registered.
    client: Option<OauthClient>,
    /// The session that the ID token names.
    session: Option<String>,
    /// Where the client wants the person to go, with its `state`.
    back_to: Option<String>,
}

/// `GET /oauth/logout`. Without an ID token of this very session the person is asked: any page may hold such a link.
pub async fn get(
    form_request: FormRequest,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    let FormRequest { state, view, request, .. } = &form_request;
    let parameters = Parameters::parse(request.query_string().as_bytes());
    let asked = read(state, &parameters).await?;
    let viewer = match viewer {
        Ok(viewer) => viewer,
        nobody @ Err(_) => return leave(&form_request, nobody, &asked).await,
    };
    if asked.session.as_ref() == Some(&viewer.session.public_id) {
        return leave(&form_request, Ok(viewer), &asked).await;
    }
    let mut context = Context::new();
    let name = asked.client.as_ref().map_or("", |client| &client.name);
    context.insert("client", name);
    context.insert("mobile", &viewer.account.mobile.masked());
    let query = parameters.query_without(&[]);
    context.insert("action", &format!("{}?{query}", paths::LOGOUT_CONFIRMED));
    let mut page = view.page(StatusCode::OK, "oauth_logout.html", context)?;
    if let Some(target) = asked.back_to.as_deref().and_then(redirect_uri::form_target) {
        allow_target(view, &mut page, &target)?;
    }
    Ok(page)
}

/// `POST /oauth/logout/confirmed`, with the request of the client in its query. It takes a form of our own pages only.
pub async fn post_confirmed(
    form_request: FormRequest,
    viewer: Result<Viewer, Error>,
    Form(_): Form,
) -> Result<HttpResponse, Error> {
    let query = form_request.request.query_string();
    let asked = read(&form_request.state, &Parameters::parse(query.as_bytes())).await?;
    leave(&form_request, viewer, &asked).await
}

/// Signs out, and leads to where the client wants, else to our own page.
async fn leave(
    FormRequest { state, view, request, .. }: &FormRequest,
    viewer: Result<Viewer, Error>,
    asked: &LogoutRequest,
) -> Result<HttpResponse, Error> {
    sign_out_request(state, request, viewer).await?;
    let mut response = match &asked.back_to {
        Some(address) => see_other(address),
        None => Done::SignedOut.redirect(&view.web)?,
    };
    pending_cookie::forget_mobiles(&view.web, request, &mut response)?;
    Ok(response)
}

async fn read(state: &State, parameters: &Parameters) -> Result<LogoutRequest, Error> {
    let hint = match parameters.get("id_token_hint") {
        Some(hint) => state.jwt_keys.verify(hint).await,
        None => None,
    };
    let text = |name: &str| {
        hint.as_ref().and_then(|claims| claims.get(name)).and_then(Value::as_str).map(str::to_owned)
    };
    let (named, of_hint) = (parameters.get("client_id").map(str::to_owned), text("aud"));
    if named.is_some() && of_hint.is_some() && named != of_hint {
        return Ok(LogoutRequest::default());
    }
    let client = match named.or(of_hint) {
        Some(id) => find_client(state, &id).await?,
        None => None,
    };
    let back_to = client.as_ref().and_then(|client| back_to(client, parameters));
    Ok(LogoutRequest { client, session: text("sid"), back_to })
}

/// Returns where to go afterwards, if the client has registered that address.
fn back_to(client: &OauthClient, parameters: &Parameters) -> Option<String> {
    let wanted = parameters.get("post_logout_redirect_uri")?;
    client.post_logout_redirect_uris.iter().find(|uri| *uri == wanted)?;
    let Some(state) = parameters.get("state") else { return Some(wanted.to_owned()) };
    let query = Serializer::new(String::new()).append_pair("state", state).finish();
    let joint = if wanted.contains('?') { '&' } else { '?' };
    Some(format!("{wanted}{joint}{query}"))
}
