//! Sends a code to a number after a captcha was solved for this very request.

use std::time::Duration;

use futures_util::future::join;

use super::{
    State,
    consume_captcha::consume_captcha,
    deliver_sms_code::{RecipientKind, SmsDelivery, acquire_from_budget, release_permits},
    find_owner::find_owner,
    issue_code::issue_code,
    record_sms_event::record_refusal,
    require_proof_of_work::require_proof_of_work,
    sms_code_request::SmsCodeRequest,
};
use crate::{
    domain::{client::Client, purpose::Purpose, sms_delivery::Outcome, sms_quota::SmsQuota},
    errors::{Error, LimitMessage},
    stores::{
        codes::IssuedCode,
        kv::PermitId,
        rate_limits::{Permit, SmsSender, Spender},
        sms_abuse_guard::Level,
        tables::known_devices::Owner,
    },
};

/// When to try again after every provider was skipped because it fails.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// A code that is on its way.
#[derive(Debug)]
pub struct CodeSent {
    /// Time until another code can be sent to the number.
    pub resend_after: Duration,
    /// Time until the code expires.
    pub expires_in: Duration,
}

/// Sends a code. Whatever costs money or tells about accounts comes after the captcha, and every permit is acquired
/// before a provider is asked.
pub async fn send_sms_code(
    state: &State,
    request: &SmsCodeRequest,
    client: &Client,
) -> Result<CodeSent, Error> {
    admit_sms_request(state, request, client).await.map(drop)?;
    send_admitted(state, request, client).await
}

/// Acquires a permit for the request from the limits of the client's address. It is never released, whatever the
/// outcome.
pub async fn admit_sms_request(
    state: &State,
    request: &SmsCodeRequest,
    client: &Client,
) -> Result<Permit, Error> {
    let permit = state.rate_limits.sms_of_address(client.address, request.captcha.is_some()).await;
    permit.inspect_err(|error| {
        record_refusal(state, (&request.mobile, request.purpose), error, client);
    })
}

/// Sends a code for a request after [`admit_sms_request`].
pub async fn send_admitted(
    state: &State,
    request: &SmsCodeRequest,
    client: &Client,
) -> Result<CodeSent, Error> {
    let delivery = prepare_delivery(state, request, client).await.inspect_err(|error| {
        record_refusal(state, (&request.mobile, request.purpose), error, client);
    })?;
    let (started_at, resend) = (state.clock.instant(), state.rate_limits.resend_interval());
    let sent = CodeSent { resend_after: resend, expires_in: delivery.issued.expires_in };
    match request.purpose {
        // Answer before a provider is asked, and in the same way for a number without an account: neither the response
        // nor its time tells whether there is one (R61, R64, R66).
        Purpose::Login | Purpose::Reset => {
            let background = state.clone();
            state.spawn(async move { delivery.send_in_background(&background).await });
            Ok(sent)
        }
        Purpose::Register | Purpose::Rebind => {
            let outcome = delivery.send(state).await?;
            let resend_after = resend.saturating_sub(state.clock.instant() - started_at);
            answer_for(outcome, CodeSent { resend_after, ..sent })
        }
    }
}

/// Acquires every permit and issues the code, or refuses.
async fn prepare_delivery(
    state: &State,
    request: &SmsCodeRequest,
    client: &Client,
) -> Result<SmsDelivery, Error> {
    let level = state.sms_abuse_guard.level(Some(&request.mobile), client.address).await?;
    require_proof_of_work(state, request, level).await?;
    if let Some(captcha) = &request.captcha {
        consume_captcha(state, captcha, request.purpose.as_str()).await?;
    }
    refuse_while_paused(state, request, level)?;
    let permit_id = PermitId::new();
    let spender = match request.purpose {
        Purpose::Register => Spender::Registration { codes_per_hour: level.codes_per_hour() },
        Purpose::Login | Purpose::Reset | Purpose::Rebind => Spender::Anybody,
    };
    let budget = acquire_from_budget(state, spender, &permit_id, Some(client.address));
    let (service_permit, owner) = join(budget, find_owner(state, &request.mobile, client)).await;
    // A spent budget refuses known and unknown numbers alike (R32).
    let service_permit = service_permit?;
    match acquire_and_issue(state, request, client, owner, &permit_id).await {
        Ok(admitted) => {
            let AdmittedMessage { recipient, quota, mobile_permit, issued } = admitted;
            let (request, client) = (request.clone(), client.clone());
            let permits = [service_permit, mobile_permit];
            Ok(SmsDelivery { permit_id, request, client, level, recipient, quota, issued, permits })
        }
        Err(error) => {
            release_permits(state, &[&service_permit]).await;
            Err(error)
        }
    }
}

/// Turns the outcome into the answer for a client that waited for the provider.
fn answer_for(outcome: Outcome, sent: CodeSent) -> Result<CodeSent, Error> {
    match outcome {
        Outcome::Sent | Outcome::Unknown | Outcome::Test => Ok(sent),
        Outcome::TooFrequent => {
            Err(Error::TooOften { limit: LimitMessage::Mobile, retry_after: sent.resend_after })
        }
        Outcome::BadNumber => Err(Error::SmsBadNumber),
        Outcome::Refused => Err(Error::SmsRefused),
        Outcome::Paused => Err(Error::SmsPaused { retry_after: RETRY_AFTER }),
    }
}

/// Refuses a registration from a subnet or for a prefix where too many codes are requested and not typed in, and refuses
/// while every provider is skipped because it fails.
///
/// Whoever has an account gets the code all the same, and the answer must not tell who has one: so a code to sign in is
/// never refused by the guard, and [`SmsDelivery`] does not send it to a stranger (R34). A code for `rebind` is requested
/// by somebody who has signed in.
///
/// Requests to register or to move wait for the provider and learn of its failure there. Sign-in and reset do not wait,
/// so they are refused here, before the owner of the number is looked up (R128).
fn refuse_while_paused(
    state: &State,
    SmsCodeRequest { mobile, purpose, .. }: &SmsCodeRequest,
    level: Level,
) -> Result<(), Error> {
    match (purpose, level, state.sms.paused_for(mobile)) {
        (Purpose::Register, Level::Paused { retry_after }, _)
        | (Purpose::Login | Purpose::Reset, _, Some(retry_after)) => {
            Err(Error::SmsPaused { retry_after })
        }
        (_, _, _) => Ok(()),
    }
}

/// A message that the quotas of its number admit.
struct AdmittedMessage {
    recipient: RecipientKind,
    quota: SmsQuota,
    mobile_permit: Permit,
    issued: IssuedCode,
}

/// Finds out how the number is treated, acquires a permit from one of its quotas and issues the code. On failure
/// everything is released.
async fn acquire_and_issue(
    state: &State,
    request: &SmsCodeRequest,
    client: &Client,
    owner: Result<Option<Owner>, Error>,
    permit_id: &PermitId,
) -> Result<AdmittedMessage, Error> {
    let owner = owner?;
    // A number that is registered is reported as such, with or without a permit.
    let recipient = classify_recipient(state, request, client, owner)?;
    let is_known = owner.is_some_and(|owner| owner.knows_device);
    let own_quota = client.device.as_ref().filter(|_| is_known).map(SmsQuota::of_device);
    let sender = SmsSender { own_quota, has_paid: false };
    // Acquire the permit first: if Redis lost its data, earlier messages are still found in the SMS log.
    let (mobile_permit, quota) =
        state.rate_limits.sms_of_mobile(&request.mobile, permit_id, &sender).await?;
    match issue_code(state, &request.mobile, request.purpose, client, is_known).await {
        Ok(issued) => Ok(AdmittedMessage { recipient, quota, mobile_permit, issued }),
        Err(error) => {
            release_permits(state, &[&mobile_permit]).await;
            Err(error)
        }
    }
}

/// Returns how the number is treated. A registered number is refused here for registering and moving, after the
/// captcha, as the product's owner asks.
fn classify_recipient(
    state: &State,
    request: &SmsCodeRequest,
    client: &Client,
    owner: Option<Owner>,
) -> Result<RecipientKind, Error> {
    let (owner, viewer) = (owner.map(|owner| owner.id), client.user_id());
    Ok(match (request.purpose, owner) {
        (Purpose::Rebind, _) if viewer.is_none() => return Err(Error::NotSignedIn),
        (Purpose::Rebind, Some(id)) if viewer == Some(id) => RecipientKind::Texted,
        (Purpose::Register, Some(_)) if !state.reveals_registered => RecipientKind::Texted,
        (Purpose::Register | Purpose::Rebind, Some(_)) => return Err(Error::MobileTaken),
        (Purpose::Login, None) => RecipientKind::Unregistered,
        (Purpose::Reset, None) => RecipientKind::NotTexted,
        (_, _) => RecipientKind::Texted,
    })
}
