//! `/api/v1/session`: the session of the request.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use serde::Serialize;
use serde_json::json;

use crate::{
    domain::{client::Client, purpose::Purpose},
    errors::Error,
    flows::{SignedIn, State, sign_in::sign_in},
    http::{
        auth::{
            client_context::ClientContext, pending_cookie, sign_out::sign_out_request,
            viewer::Viewer,
        },
        context::RequestContext,
        request::{bodies, body::Json, fields::Fields, idempotency},
        response::{account::AccountData, envelope, error_log::log_error},
        state::WebState,
    },
};

/// `GET /session`: the account that is signed in.
pub async fn get(viewer: Viewer) -> HttpResponse {
    envelope::ok(StatusCode::OK, AccountData::from(&viewer.account))
}

/// The `data` of a sign-in.
#[derive(Serialize)]
struct SignInData {
    #[serde(flatten)]
    account: AccountData,
    /// Whether the account was created by this sign-in.
    created: bool,
}

/// `POST /session`: signs in by password or by SMS code. A code for a number without an account creates one.
pub async fn post(
    request: HttpRequest,
    (state, web): (Data<State>, Data<WebState>),
    context: ClientContext,
    Json(fields): Json,
) -> Result<HttpResponse, Error> {
    let signed_in = match sign_in_by_fields(&state, &web, &fields, context.client()?).await {
        Err(Error::NoAccount) => return no_account(&request, &web, &fields),
        signed_in => signed_in?,
    };
    context.set_session_cookie(&signed_in)?;
    let created = signed_in.is_new_account;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    let account = AccountData::from(&signed_in.account);
    Ok(envelope::ok(status, SignInData { account, created }))
}

/// Answers that the number has no account. A browser that has asked for the code remembers that it has verified the number,
/// and goes on to a page that needs a password only.
fn no_account(
    request: &HttpRequest,
    web: &WebState,
    fields: &Fields,
) -> Result<HttpResponse, Error> {
    let login = bodies::code_login(&web.parser, fields)?;
    let asked_for = pending_cookie::pending_mobile(web, request, Purpose::Login);
    if asked_for.as_ref() != Some(&login.mobile) {
        return Err(Error::NoAccount);
    }
    log_error(&web.metrics, &Error::NoAccount);
    let language = RequestContext::of(request, web).language;
    let mut answer = envelope::failure(&web.catalog, language, &Error::NoAccount);
    let (mobile, code) = (&login.mobile, &login.sms_code);
    pending_cookie::remember_verified_mobile(web, &mut answer, mobile, code)?;
    Ok(answer)
}

/// Signs in by SMS code if the fields have a mobile number or a code, else by password.
pub async fn sign_in_by_fields(
    state: &State,
    web: &WebState,
    fields: &Fields,
    client: &Client,
) -> Result<SignedIn, Error> {
    if fields.has("mobile") || fields.has("sms_code") {
        let login = bodies::code_login(&web.parser, fields)?;
        idempotency::sign_in_by_code(state, web, fields, login, client).await
    } else {
        let credentials = bodies::credentials(&web.parser, fields)?;
        sign_in(state, credentials, client).await
    }
}

/// `DELETE /session`: signs out. It also succeeds if nobody was signed in.
pub async fn delete(
    request: HttpRequest,
    state: Data<State>,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    sign_out_request(&state, &request, viewer).await?;
    Ok(envelope::ok(StatusCode::OK, json!({})))
}
