//! `/api/v1/tokens`: sessions of apps.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use serde::Serialize;

use super::session::enter;
use crate::{
    domain::client::Client,
    errors::Error,
    flows::State,
    http::{
        auth::{bearer, client_context::ClientContext},
        request::input::Json,
        response::{account::AccountData, envelope},
        state::WebState,
    },
};

#[derive(Serialize)]
struct TokenData {
    token: String,
    #[serde(flatten)]
    account: AccountData,
}

/// `POST /tokens`: sign in as an app; the cookie session that may have come along stays as it is.
pub async fn post(
    state: Data<State>,
    web: Data<WebState>,
    who: ClientContext,
    Json(fields): Json,
) -> Result<HttpResponse, Error> {
    let client = Client { is_app: true, ..who.client()?.clone() };
    let signed_in = enter(&state, &web, &fields, &client).await?;
    let token = bearer::token(&signed_in.key);
    let account = AccountData::from(&signed_in.account);
    Ok(envelope::ok(StatusCode::CREATED, TokenData { token, account }))
}
