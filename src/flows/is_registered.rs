//! Answers whether a number is registered.

use super::{State, consume_captcha::consume_captcha, sms_code_request::SmsCodeRequest};
use crate::{
    domain::client::Client,
    errors::{Error, Price},
    stores::tables::users,
};

/// Returns whether a number has an account. It takes a solved captcha and counts against the limits of requests for
/// codes. Fails with [`Error::NotFound`] if the operator keeps this secret.
pub async fn is_registered(
    state: &State,
    SmsCodeRequest { mobile, captcha, .. }: &SmsCodeRequest,
    client: &Client,
) -> Result<bool, Error> {
    if !state.reveals_registered {
        return Err(Error::NotFound);
    }
    state.rate_limits.sms_of_address(client.address, true).await.map(drop)?;
    let Some(captcha) = captcha else { return Err(Error::PriceRequired(Price::captcha())) };
    consume_captcha(state, captcha, "exists").await?;
    let mobile = mobile.clone();
    let found = state
        .db
        .read(async move |connection| users::find_id_by_mobile(connection, &mobile).await)
        .await?;
    Ok(found.is_some())
}
