//! Answers whether a number is registered.

use super::{
    State,
    admit::{Paid, admit_named, unpaid},
    consume_captcha::consume_captcha,
    send_sms_code::admit_sms_request,
    sms_code_request::SmsCodeRequest,
};
use crate::{
    domain::client::Client,
    errors::{Error, Price},
    stores::{
        kv::PermitId,
        rate_limits::{Limit, Overuse, Subject},
        tables::users,
    },
};

/// Returns whether a number has an account. It takes a solved captcha and counts against the limits of requests for
/// codes. Fails with [`Error::NotFound`] if the operator keeps this secret.
pub async fn is_registered(
    state: &State,
    request: &SmsCodeRequest,
    client: &Client,
) -> Result<bool, Error> {
    let SmsCodeRequest { mobile, captcha, .. } = request;
    if !state.reveals_registered {
        return Err(Error::NotFound);
    }
    let Some(captcha) = captcha else { return Err(Error::PriceRequired(Price::captcha())) };
    admit_sms_request(state, request, client).await?;
    consume_captcha(state, captcha, "exists", client).await?;
    // The answer was served, so it counts as a message.
    let pay = async |overuse: Overuse, _: &Subject| {
        let has_paid = captcha.answer.has_harder_length();
        if has_paid { Ok(Paid::Quota) } else { Err(unpaid(state, &overuse)) }
    };
    admit_named(state, (Limit::SmsPerAddress, PermitId::new()), client, pay).await.map(drop)?;
    let mobile = mobile.clone();
    let found = state
        .db
        .read(async move |connection| users::find_id_by_mobile(connection, &mobile).await)
        .await?;
    Ok(found.is_some())
}
