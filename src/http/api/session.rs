//! `/api/v1/session`: the session of the request.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use serde::Serialize;
use serde_json::json;

use crate::{
    domain::client::Client,
    errors::Error,
    flows::{SignedIn, State, sign_in::sign_in},
    http::{
        auth::{client_context::ClientContext, sign_out::sign_out_request, viewer::Viewer},
        request::{bodies, body::Json, fields::Fields, idempotency},
        response::{account::AccountData, envelope},
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
    state: Data<State>,
    web: Data<WebState>,
    context: ClientContext,
    Json(fields): Json,
) -> Result<HttpResponse, Error> {
    let signed_in = sign_in_by_fields(&state, &web, &fields, context.client()?).await?;
    context.set_session_cookie(&signed_in)?;
    let created = signed_in.is_new_account;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    let account = AccountData::from(&signed_in.account);
    Ok(envelope::ok(status, SignInData { account, created }))
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
