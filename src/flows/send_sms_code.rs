//! Text a code to a number, once a captcha was solved for that very request.

use std::time::Duration;

use super::State;
use crate::{
    domain::{
        captcha::{CaptchaAnswer, CaptchaId},
        client::Client,
        mobile::Mobile,
        purpose::Purpose,
    },
    errors::{Error, Limit},
    sms::{Delivery, Message},
    stores::{codes::IssuedCode, limits::Place, users},
};

/// A wish to be texted a code.
#[derive(Debug)]
pub struct SmsCodeRequest {
    /// Where to.
    pub mobile: Mobile,
    /// What for.
    pub purpose: Purpose,
    /// Which picture was solved.
    pub captcha_id: CaptchaId,
    /// What was read in it.
    pub captcha: CaptchaAnswer,
}

/// A code that is on its way.
#[derive(Debug)]
pub struct CodeSent {
    /// When the number may be texted again.
    pub resend_after: Duration,
    /// How long the code lives.
    pub expires_in: Duration,
}

/// Sends a code, in the order of DESIGN §5: whatever costs money or tells about accounts comes after
/// the captcha, and every place is taken before the provider is called.
pub async fn send_sms_code(
    state: &State,
    request: &SmsCodeRequest,
    client: &Client,
) -> Result<CodeSent, Error> {
    let SmsCodeRequest { mobile, purpose, captcha_id, captcha } = request;
    // Kept whatever becomes of the request: this one counts attempts.
    let _attempt = state.limits.sms_of_address(client.address).await?;
    state.codes.spend_captcha(captcha_id, captcha).await?;
    refuse_registered(state, mobile).await?;

    let places = take_places(state, mobile).await?;
    let issued = match state.codes.issue(mobile, *purpose).await {
        Ok(issued) => issued,
        Err(error) => {
            give_back(state, &places).await;
            return Err(error);
        }
    };
    let message = Message {
        id: uuid::Uuid::new_v4().simple().to_string(),
        mobile: mobile.clone(),
        code: issued.code.clone(),
        purpose: *purpose,
        ttl: issued.ttl,
    };
    let failure = match state.sms.deliver(&message).await {
        Delivery::UnderWay => {
            let resend_after = state.limits.resend_after(mobile).await?;
            return Ok(CodeSent { resend_after, expires_in: issued.ttl });
        }
        // The provider has texted this number just now, so the place stays taken.
        Delivery::TooFrequent => {
            let retry_after = state.limits.resend_after(mobile).await?;
            return Err(Error::TooOften { limit: Limit::Mobile, retry_after });
        }
        Delivery::BadNumber => Error::SmsBadNumber,
        Delivery::Refused => Error::SmsRefused,
    };
    give_back(state, &places).await;
    take_back(state, request, &issued).await;
    Err(failure)
}

async fn refuse_registered(state: &State, mobile: &Mobile) -> Result<(), Error> {
    let mobile = mobile.clone();
    match state.db.read(move |connection| users::find_by_mobile(connection, &mobile)).await? {
        Some(_) => Err(Error::MobileTaken),
        None => Ok(()),
    }
}

/// A place for the number and one in the budget of the whole service, or none.
async fn take_places(state: &State, mobile: &Mobile) -> Result<[Place; 2], Error> {
    let of_mobile = state.limits.sms_of_mobile(mobile).await?;
    match state.limits.sms_of_service().await {
        Ok(of_service) => Ok([of_mobile, of_service]),
        Err(error) => {
            give_back(state, &[of_mobile]).await;
            Err(error)
        }
    }
}

/// Gives places back. If the store fails here, they come free by themselves, only later.
async fn give_back(state: &State, places: &[Place]) {
    for place in places {
        if let Err(error) = state.limits.release(place).await {
            log::warn!("event=place_not_given_back error={error:?}");
        }
    }
}

/// Takes an unsent code back. If the store fails here it dies unseen: nobody has read it.
async fn take_back(state: &State, request: &SmsCodeRequest, issued: &IssuedCode) {
    if let Err(error) = state.codes.withdraw(&request.mobile, request.purpose, issued).await {
        log::warn!("event=code_not_withdrawn error={error:?}");
    }
}
