//! Text a code to a number, once a captcha was solved for that very request.

use std::time::Duration;

use chrono::Utc;

use super::{State, sign_in::Captcha};
use crate::{
    domain::{client::Client, mobile::Mobile, purpose::Purpose},
    errors::{Error, Limit},
    sms::{Attempt, History, Message, Outcome, PastSend},
    stores::{
        codes::IssuedCode,
        db::Connection,
        ledger::{self, NewAttempt, NewMessage},
        limits::Place,
        users,
    },
};

/// When providers that are left alone may be asked again.
const PAUSE: Duration = Duration::from_secs(30);

/// A wish to be texted a code.
#[derive(Clone, Debug)]
pub struct SmsCodeRequest {
    /// Where to.
    pub mobile: Mobile,
    /// What for.
    pub purpose: Purpose,
    /// What was solved for it; `None` only where the operator lets front-ends send without.
    pub captcha: Option<Captcha>,
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
    let SmsCodeRequest { mobile, purpose, captcha } = request;
    // Kept whatever becomes of the request: this one counts attempts.
    let _attempt = state.limits.sms_of_address(client.address, captcha.is_some()).await?;
    if let Some(Captcha { id, answer }) = captcha {
        state.codes.spend_captcha(id, answer).await?;
    }
    let is_texted = judge_number(state, request, client).await?;

    let places = take_places(state, mobile).await?;
    if *purpose == Purpose::Reset {
        return answer_alike(state, request, client, places, is_texted).await;
    }
    let failure = match send(state, request, client, places.of_mobile.id()).await {
        Ok(sent) => return Ok(sent),
        // The provider has texted this number just now, or would say so: the place stays taken.
        Err(error @ Error::TooOften { .. }) => return Err(error),
        Err(error) => error,
    };
    give_back(state, &[places.of_mobile, places.of_service]).await;
    Err(failure)
}

/// Makes the code, notes the message, has it sent; on a certain failure nothing is under way.
async fn send(
    state: &State,
    request: &SmsCodeRequest,
    client: &Client,
    message_id: &str,
) -> Result<CodeSent, Error> {
    let SmsCodeRequest { mobile, purpose, .. } = request;
    let issued = state.codes.issue(mobile, *purpose).await?;
    let delivered = deliver(state, request, client, &issued, message_id).await;
    let failure = match delivered {
        Ok(Outcome::Sent | Outcome::Unknown) => {
            let resend_after = state.limits.resend_after(mobile).await?;
            return Ok(CodeSent { resend_after, expires_in: issued.ttl });
        }
        Ok(Outcome::TooFrequent) => {
            let retry_after = state.limits.resend_after(mobile).await?;
            Error::TooOften { limit: Limit::Mobile, retry_after }
        }
        Ok(Outcome::BadNumber) => Error::SmsBadNumber,
        Ok(Outcome::Refused) => Error::SmsRefused,
        Ok(Outcome::Paused) => Error::SmsPaused { retry_after: PAUSE },
        Err(error) => error,
    };
    take_back(state, request, &issued).await;
    Err(failure)
}

/// Hands the message to the providers, with a row in the ledger before and the outcome after.
async fn deliver(
    state: &State,
    request: &SmsCodeRequest,
    client: &Client,
    issued: &IssuedCode,
    message_id: &str,
) -> Result<Outcome, Error> {
    let row = NewMessage {
        id: message_id.to_owned(),
        mobile: request.mobile.clone(),
        purpose: request.purpose,
        client: client.clone(),
    };
    let message = Message {
        id: row.id.clone(),
        mobile: row.mobile.clone(),
        code: issued.code.clone(),
        purpose: row.purpose,
        ttl: issued.ttl,
    };
    let opened = row.clone();
    let past = state.db.write(move |it| ledger::open(it, &opened, Utc::now())).await?;
    let past = past.into_iter().map(|it| PastSend { provider: it.provider, age: it.age });
    let delivery = state.sms.deliver(&message, &History::new(past.collect())).await;
    let outcome = delivery.outcome;
    let attempts: Vec<NewAttempt> = delivery.attempts.into_iter().map(kept).collect();
    let closed = state
        .db
        .write(move |it| ledger::close(it, &row, outcome.as_str(), &attempts, Utc::now()))
        .await;
    if let Err(error) = closed {
        // The message is under way or not, whatever the ledger says.
        log::error!(
            "event=ledger_not_closed message={message_id} outcome={} error={error:?}",
            outcome.as_str()
        );
    }
    Ok(outcome)
}

fn kept(attempt: Attempt) -> NewAttempt {
    NewAttempt {
        provider: attempt.provider.to_owned(),
        outcome: attempt.verdict.class.as_str(),
        provider_error: attempt.verdict.detail,
        provider_message_id: attempt.verdict.message_id,
        took: attempt.took,
    }
}

/// Whether the number is texted at all for this purpose; registering and moving to a taken number are
/// refused here, after the captcha, as the product's owner asks.
async fn judge_number(
    state: &State,
    request: &SmsCodeRequest,
    client: &Client,
) -> Result<bool, Error> {
    let mobile = request.mobile.clone();
    let find = move |it: &mut Connection| users::find_by_mobile(it, &mobile);
    let owner = state.db.read(find).await?.map(|it| it.id);
    let viewer = client.session.as_ref().map(|it| it.user_id);
    match (request.purpose, owner) {
        (Purpose::Rebind, _) if viewer.is_none() => Err(Error::NotSignedIn),
        (Purpose::Rebind, Some(id)) if viewer == Some(id) => Ok(true),
        (Purpose::Register, Some(_)) if !state.reveals_registered => Ok(true),
        (Purpose::Register | Purpose::Rebind, Some(_)) => Err(Error::MobileTaken),
        (Purpose::Register | Purpose::Rebind | Purpose::Login, _) => Ok(true),
        (Purpose::Reset, owner) => Ok(owner.is_some()),
    }
}

/// Answers before the provider is asked, and for a number without an account as for any other: neither
/// words nor time tell whether there is one (SECURITY R61, R64, R66).
async fn answer_alike(
    state: &State,
    request: &SmsCodeRequest,
    client: &Client,
    places: Places,
    is_texted: bool,
) -> Result<CodeSent, Error> {
    let issued = match state.codes.issue(&request.mobile, request.purpose).await {
        Ok(issued) => issued,
        Err(error) => {
            give_back(state, &[places.of_mobile, places.of_service]).await;
            return Err(error);
        }
    };
    let resend_after = state.limits.resend_after(&request.mobile).await?;
    let sent = CodeSent { resend_after, expires_in: issued.ttl };
    if is_texted {
        let (state, request, client) = (state.clone(), request.clone(), client.clone());
        let tasks = state.tasks.clone();
        tasks.spawn(async move {
            let id = places.of_mobile.id().to_owned();
            let outcome = deliver(&state, &request, &client, &issued, &id).await;
            if !matches!(outcome, Ok(Outcome::Sent | Outcome::Unknown | Outcome::TooFrequent)) {
                give_back(&state, &[places.of_mobile, places.of_service]).await;
                take_back(&state, &request, &issued).await;
            }
        });
    }
    Ok(sent)
}

struct Places {
    of_mobile: Place,
    of_service: Place,
}

/// A place for the number and one in the budget of the whole service, or none.
async fn take_places(state: &State, mobile: &Mobile) -> Result<Places, Error> {
    let of_mobile = state.limits.sms_of_mobile(mobile).await?;
    match state.limits.sms_of_service().await {
        Ok(of_service) => Ok(Places { of_mobile, of_service }),
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
