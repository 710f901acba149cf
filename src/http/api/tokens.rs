//! `/api/v1/tokens`: sessions of apps, which keep a token in place of a cookie.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use serde::Serialize;

use super::session::sign_in_by_fields;
use crate::{
    domain::client::Client,
    errors::Error,
    flows::State,
    http::{
        auth::{bearer, client_context::ClientContext},
        request::{body::Json, idempotency},
        response::{account::AccountData, envelope},
        state::WebState,
    },
};

#[derive(Serialize)]
struct TokenData {
    token: String,
    device_token: String,
    #[serde(flatten)]
    account: AccountData,
    /// Whether the account was created by this sign-in.
    created: bool,
}

/// `POST /tokens`: signs in as an app. A session cookie in the request is ignored and stays valid.
pub async fn post(
    state: Data<State>,
    web: Data<WebState>,
    context: ClientContext,
    Json(fields): Json,
) -> Result<HttpResponse, Error> {
    let client = context.client()?.clone();
    let new_device = idempotency::new_device_of_app(&web, &fields, &client);
    let client = Client { is_app: true, new_device, ..client };
    let signed_in = sign_in_by_fields(&state, &web, &fields, &client).await?;
    let token = bearer::token(&signed_in.key);
    let device_token = web.device_signer.sign(&client.device_after_answer());
    let account = AccountData::from(&signed_in.account);
    Ok(envelope::ok(
        StatusCode::CREATED,
        TokenData { token, device_token, account, created: signed_in.is_new_account },
    ))
}
