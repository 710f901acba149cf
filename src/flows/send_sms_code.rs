//! Sends a code to a number after a captcha was solved for this very request.

use std::time::Duration;

use futures_util::future::{join, try_join};

use super::{
    State,
    admit::{Usage, unpaid, usage_of},
    consume_captcha::consume_captcha,
    deliver_sms_code::{Permits, RecipientKind, SmsDelivery, acquire_from_budget, release_permits},
    find_owner::find_owner,
    idempotency::Admission,
    issue_code::issue_code,
    pay_for_reserve,
    record_sms_event::record_refusal,
    refill_number::or_reserve,
    register::require_open_sign_up,
    require_proof_of_work::{HasPaid, require_proof_of_work},
    return_permits::return_picture,
    sms_code_request::SmsCodeRequest,
};
use crate::{
    domain::{client::Client, purpose::Purpose, sms_delivery::Outcome, sms_quota::SmsQuota},
    errors::{Error, LimitMessage, Price, ProofProblem},
    stores::{
        codes::IssuedCode,
        kv::PermitId,
        rate_limits::{Limit, Overuse, Permit, Spender},
        sms_abuse_guard::Level,
        tables::{known_devices::Owner, users},
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
    let admission = admit_sms_request(state, request, client).await?;
    send_admitted(state, request, admission, client).await
}

/// How a request stands before its captcha is checked.
#[derive(Debug)]
pub struct SmsAdmission {
    usage: Usage,
    level: Level,
}

/// The permits are taken after the captcha was right, as part of the work.
impl Admission for SmsAdmission {
    fn permit(&self) -> Option<&Permit> {
        None
    }
}

/// Refuses a request whose address has used up its quota, unless it brings what that costs. Nothing is counted yet, and
/// nothing of what it brings is used up.
pub async fn admit_sms_request(
    state: &State,
    request: &SmsCodeRequest,
    client: &Client,
) -> Result<SmsAdmission, Error> {
    if request.purpose == Purpose::Register {
        require_open_sign_up(state)?;
    }
    let limits = [limit_of_address(request), Limit::WrongCaptchasPerAddress];
    let admitted = async {
        refuse_own_mobile(state, request, client).await?;
        let usage = usage_of(state, &limits, client);
        let level = state.sms_abuse_guard.level(Some(&request.mobile), client.address);
        let (usage, level) = try_join(usage, level).await?;
        let Some(overuse) = &usage.overuse else { return Ok(SmsAdmission { usage, level }) };
        // At the wall nothing helps.
        overuse.cost()?;
        let brings_payment = request.proof_of_work.is_some()
            || request.captcha.as_ref().is_some_and(|captcha| captcha.answer.has_harder_length());
        if brings_payment {
            Ok(SmsAdmission { usage, level })
        } else {
            Err(unpaid_request(state, request, overuse))
        }
    };
    admitted.await.inspect_err(|error| {
        record_refusal(state, (&request.mobile, request.purpose), error, client);
    })
}

/// Refuses the number that the account has already where a new one is wanted. Only its owner can learn that from here.
async fn refuse_own_mobile(
    state: &State,
    request: &SmsCodeRequest,
    client: &Client,
) -> Result<(), Error> {
    let Some(id) = client.user_id().filter(|_| request.is_new_mobile) else { return Ok(()) };
    let account = state.db.read(async move |connection| users::find(connection, id).await).await?;
    match account {
        Some(account) if account.mobile == request.mobile => Err(Error::OwnMobile),
        Some(_) | None => Ok(()),
    }
}

/// Returns the limit of messages for the address of a request. One that proves nothing has a tenth of the usual one.
fn limit_of_address(request: &SmsCodeRequest) -> Limit {
    if request.needs_no_price { Limit::SmsWithoutCaptchaPerAddress } else { Limit::SmsPerAddress }
}

fn unpaid_request(state: &State, request: &SmsCodeRequest, overuse: &Overuse) -> Error {
    if limit_of_address(request) == Limit::SmsWithoutCaptchaPerAddress {
        // The usual captcha opens the usual limit.
        overuse.captcha_error(Price::captcha())
    } else {
        unpaid(state, overuse)
    }
}

/// Sends a code for a request after [`admit_sms_request`].
pub async fn send_admitted(
    state: &State,
    request: &SmsCodeRequest,
    admission: SmsAdmission,
    client: &Client,
) -> Result<CodeSent, Error> {
    let delivery = prepare_delivery(state, request, admission, client).await;
    let delivery = delivery.inspect_err(|error| {
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
            let outcome = match delivery.send(state).await {
                Ok(outcome) => outcome,
                Err(refused) => return Err(or_reserve(state, &request.mobile, refused).await),
            };
            let resend_after = resend.saturating_sub(state.clock.instant() - started_at);
            answer_for(outcome, CodeSent { resend_after, ..sent })
        }
    }
}

/// Acquires every permit and issues the code, or refuses.
async fn prepare_delivery(
    state: &State,
    request: &SmsCodeRequest,
    admission: SmsAdmission,
    client: &Client,
) -> Result<SmsDelivery, Error> {
    let SmsAdmission { usage, level } = admission;
    let has_paid = require_proof_of_work(state, request, level, usage.overuse).await?;
    if let Some(captcha) = &request.captcha {
        consume_captcha(state, captcha, request.purpose.as_str(), client).await?;
    }
    refuse_while_paused(state, request, level)?;
    let permit_id = PermitId::new();
    let address_permit = acquire_of_address(state, request, &usage, &permit_id).await?;
    let spender = spender(request.purpose, level);
    let budget = acquire_from_budget(state, spender, &permit_id, Some(client.address));
    let (service_permit, owner) = join(budget, find_owner(state, &request.mobile, client)).await;
    // A spent budget refuses known and unknown numbers alike (R32).
    let service_permit = release_on_error(state, &address_permit, service_permit).await?;
    if let Some(captcha) = &request.captcha {
        return_picture(state, captcha, client);
    }
    match acquire_and_issue(state, (request, has_paid), client, owner, &permit_id).await {
        Ok(admitted) => {
            let AdmittedMessage { recipient, quota, mobile_permit, issued } = admitted;
            let (request, client) = (request.clone(), client.clone());
            let permits =
                Permits { service: service_permit, mobile: mobile_permit, address: address_permit };
            Ok(SmsDelivery { permit_id, request, client, level, recipient, quota, issued, permits })
        }
        // A client that learns that a number is registered was served: otherwise one address could ask for a million.
        Err(Error::MobileTaken) => {
            release_permits(state, &[&service_permit]).await;
            Err(Error::MobileTaken)
        }
        Err(error) => {
            release_permits(state, &[&service_permit, &address_permit]).await;
            Err(error)
        }
    }
}

fn spender(purpose: Purpose, level: Level) -> Spender {
    match purpose {
        Purpose::Register => Spender::Registration { codes_per_hour: level.codes_per_hour() },
        Purpose::Login | Purpose::Reset | Purpose::Rebind => Spender::Anybody,
    }
}

async fn release_on_error<T>(
    state: &State,
    permit: &Permit,
    result: Result<T, Error>,
) -> Result<T, Error> {
    if result.is_err() {
        release_permits(state, &[permit]).await;
    }
    result
}

/// Acquires the permit of the client's address, after the captcha was right. If others have used up in the meantime what
/// the request has paid for, the captcha is restored.
async fn acquire_of_address(
    state: &State,
    request: &SmsCodeRequest,
    usage: &Usage,
    permit_id: &PermitId,
) -> Result<Permit, Error> {
    let Some(subject) = &usage.subject else { return Ok(Permit::none()) };
    let quotas = usage.overuse.map_or(1, |overuse| overuse.opened());
    let counted = (quotas, permit_id.clone());
    match state.rate_limits.acquire_of(limit_of_address(request), subject, counted).await? {
        Ok(permit) => Ok(permit),
        Err(more) => {
            if let Some(captcha) = &request.captcha {
                state.captchas.insert(&captcha.id, &captcha.answer).await?;
            }
            Err(unpaid_request(state, request, &more))
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
    (request, has_paid): (&SmsCodeRequest, HasPaid),
    client: &Client,
    owner: Result<Option<Owner>, Error>,
    permit_id: &PermitId,
) -> Result<AdmittedMessage, Error> {
    let owner = owner?;
    // A number that is registered is reported as such, with or without a permit.
    let recipient = classify_recipient(state, request, client, owner)?;
    let is_known = owner.is_some_and(|owner| owner.knows_device);
    let own_quota = client.device.as_ref().filter(|_| is_known).map(SmsQuota::of_device);
    // Acquire the permit first: if Redis lost its data, earlier messages are still found in the SMS log.
    let (mobile_permit, quota) =
        acquire_of_mobile(state, (request, has_paid), permit_id, own_quota.as_ref()).await?;
    match issue_code(state, &request.mobile, request.purpose, client, is_known).await {
        Ok(issued) => Ok(AdmittedMessage { recipient, quota, mobile_permit, issued }),
        Err(error) => {
            release_permits(state, &[&mobile_permit]).await;
            Err(error)
        }
    }
}

/// Acquires a permit from one of the quotas of the number. The reserve is open when the others are used up.
async fn acquire_of_mobile(
    state: &State,
    (request, has_paid): (&SmsCodeRequest, HasPaid),
    permit_id: &PermitId,
    own: Option<&SmsQuota>,
) -> Result<(Permit, SmsQuota), Error> {
    let (limits, mobile) = (&state.rate_limits, &request.mobile);
    let (limit, wait) = match limits.sms_of_mobile(mobile, permit_id, own).await {
        Err(Error::TooOften {
            limit: limit @ (LimitMessage::Mobile | LimitMessage::Prefix),
            retry_after,
        }) => (limit, retry_after),
        admitted => return admitted,
    };
    let of_reserve = limits.wait_for_sms_reserve(mobile).await?;
    if !of_reserve.is_zero() {
        return Err(Error::TooOften { limit, retry_after: wait.min(of_reserve) });
    }
    if has_paid == HasPaid::ForReserve {
        return limits.sms_of_reserve(mobile, permit_id, own).await;
    }
    // Only the proof of work is missing beside a harder captcha, so that can be used again.
    if let Some(captcha) = pay_for_reserve::harder(request.captcha.as_ref()) {
        state.captchas.insert(&captcha.id, &captcha.answer).await?;
    }
    let problem = match &request.proof_of_work {
        Some(_) => ProofProblem::Insufficient,
        None => ProofProblem::Missing,
    };
    Err(pay_for_reserve::unpaid(state, problem, wait))
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
