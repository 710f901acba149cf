//! Checks a code from a text message and uses it up.

use super::{
    State,
    admit::Payment,
    admit_attempt::{AdmittedAttempt, PaidFor, admit_attempt},
    deliver_sms_code::release_permits,
    find_owner::find_known_device,
    pay_for_reserve,
    record_sms_event::record_sms_event,
    return_permits::return_messages,
};
use crate::{
    domain::{client::Client, mobile::Mobile, purpose::Purpose, sms_code::SmsCode},
    errors::Error,
    metrics::FunnelStep,
    stores::{
        codes::{CodeClient, ConsumedCode, TryQuota},
        rate_limits::Limit,
        tables::{login_failures, sms_events::SmsEvent},
    },
};

/// Checks a code and uses it up.
///
/// A wrong one counts against the daily limit of the number, over all its codes (R18, R19): against that of the device if
/// the account of the number knows it, and else against the one that all strangers share. So strangers cannot use up the
/// tries of a known device.
pub(super) async fn consume_code(
    state: &State,
    mobile: &Mobile,
    purpose: Purpose,
    (code, payment): (&SmsCode, &Payment),
    client: &Client,
) -> Result<ConsumedCode, Error> {
    let admitted = admit_code_try(state, PaidFor::Nothing, payment, client).await?;
    consume_admitted_code(state, admitted, (mobile, purpose, code), payment, client).await
}

/// Acquires a permit for one try at a code from the limits of the client's address.
pub(super) async fn admit_code_try(
    state: &State,
    paid_before: PaidFor,
    payment: &Payment,
    client: &Client,
) -> Result<AdmittedAttempt, Error> {
    admit_attempt(state, Limit::CodeTriesPerAddress, paid_before, payment, client).await
}

/// Checks and uses up a code after [`admit_code_try`]. The permit is kept if the code was wrong or there was none, and
/// released otherwise: only failures count against an address.
pub(super) async fn consume_admitted_code(
    state: &State,
    AdmittedAttempt { permit, paid_for }: AdmittedAttempt,
    (mobile, purpose, code): (&Mobile, Purpose, &SmsCode),
    payment: &Payment,
    client: &Client,
) -> Result<ConsumedCode, Error> {
    let payment = (paid_for != PaidFor::Reserve).then_some(payment);
    let consumed = try_code(state, (mobile, purpose, code), payment, client).await;
    let has_failed = matches!(consumed, Err(Error::SmsCodeWrong { .. } | Error::SmsCodeGone));
    if !has_failed {
        release_permits(state, &[&permit]).await;
    }
    consumed
}

async fn try_code(
    state: &State,
    (mobile, purpose, code): (&Mobile, Purpose, &SmsCode),
    payment: Option<&Payment>,
    client: &Client,
) -> Result<ConsumedCode, Error> {
    let is_known = find_known_device(state, mobile, client).await?.is_some();
    let typist = CodeClient { requesters: vec![client.requester()], is_known };
    let consumed = compare(state, (mobile, purpose, code), (&typist, payment), client).await;
    let seed = match &consumed {
        Ok(consumed) => Some(consumed.seed()),
        Err(Error::SmsCodeWrong { .. }) => None,
        Err(error) => {
            if matches!(error, Error::SmsCodeGone) {
                record_sms_event(state, (mobile, purpose), SmsEvent::TypedTooLate, client);
            }
            return consumed;
        }
    };
    let sms_event = if seed.is_some() { SmsEvent::TypedRight } else { SmsEvent::TypedWrong };
    record_sms_event(state, (mobile, purpose), sms_event, client);
    let (event, step) = match seed {
        Some(_) => ("sms_code_right", FunnelStep::CodeRight),
        None => ("sms_code_wrong", FunnelStep::CodeWrong),
    };
    state.metrics.funnel_step(step, purpose.as_str());
    log::info!("event={event} mobile={mobile:?} purpose={}", purpose.as_str());
    // In the background: the time until the response must not tell whether the number has an account.
    let (background, mobile, client) = (state.clone(), mobile.clone(), client.clone());
    state.spawn(async move {
        let recorded = match seed {
            Some(seed) => {
                return_messages(&background, (&mobile, purpose), &client).await;
                background.sms_abuse_guard.record_verified(&seed, &mobile).await
            }
            // A known device has tries of its own, which are few enough.
            None if is_known => Ok(()),
            None => {
                background
                    .db
                    .write(async move |connection| {
                        login_failures::count_wrong_code(connection, &mobile).await
                    })
                    .await
            }
        };
        if let Err(error) = recorded {
            log::warn!("event=code_attempt_not_recorded error={error:?}");
        }
    });
    consumed
}

/// Compares a code, against the usual quota of tries or, if that is used up, against the reserve, which has a price.
async fn compare(
    state: &State,
    (mobile, purpose, code): (&Mobile, Purpose, &SmsCode),
    (typist, payment): (&CodeClient, Option<&Payment>),
    client: &Client,
) -> Result<ConsumedCode, Error> {
    let codes = state.codes.of_account(client.user_id());
    let consume = async |quota| codes.consume(mobile, purpose, code, (typist, quota)).await;
    match consume(TryQuota::Usual).await {
        Err(Error::TooOften { limit, retry_after }) => {
            let of_reserve = codes.wait_for_reserve(mobile).await?;
            if !of_reserve.is_zero() {
                return Err(Error::TooOften { limit, retry_after: retry_after.min(of_reserve) });
            }
            if let Some(payment) = payment {
                let price = (pay_for_reserve::COST, retry_after);
                pay_for_reserve::pay(state, payment, price, client).await?;
            }
            consume(TryQuota::Reserve).await
        }
        consumed => consumed,
    }
}

/// Revokes the codes of a number after its account has changed. The change stays, so a failure of the store is only
/// logged. While the store is away no code is accepted anyway.
pub(super) async fn forget_codes(state: &State, user_id: i64, mobile: &Mobile) {
    if let Err(error) = state.codes.of_account(Some(user_id)).revoke_all(mobile).await {
        log::warn!("event=codes_not_revoked user={user_id} mobile={mobile:?} error={error:?}");
    }
}

/// Restores a code if the action it authorised failed for a reason that has nothing to do with the code.
///
/// If the store fails here the person needs a new code.
pub(super) async fn restore_code_after<T>(
    state: &State,
    code: &ConsumedCode,
    result: &Result<T, Error>,
) {
    let is_unrelated = matches!(
        result,
        Err(Error::Store(_)
            | Error::Internal(_)
            | Error::Busy { .. }
            | Error::NameTaken
            | Error::Input(_)
            | Error::PriceRequired(_)
            | Error::TooOften { .. })
    );
    if is_unrelated && let Err(error) = state.codes.restore(code).await {
        log::warn!("event=code_not_restored error={error:?}");
    }
}
