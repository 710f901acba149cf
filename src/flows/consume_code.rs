//! Use up the proof that somebody holds a number.

use super::{State, record_sms_event::record_sms_event};
use crate::{
    domain::{client::Client, mobile::Mobile, purpose::Purpose, sms_code::SmsCode},
    errors::Error,
    metrics::FunnelStep,
    stores::{
        codes::ConsumedCode,
        rate_limits::Permit,
        tables::{login_failures, sms_events::SmsEvent},
    },
};

/// Uses a code up; a wrong one counts against the number's day, over all its codes (R18, R19).
pub(super) async fn consume_code(
    state: &State,
    mobile: &Mobile,
    purpose: Purpose,
    code: &SmsCode,
    client: &Client,
) -> Result<ConsumedCode, Error> {
    admit_code_try(state, client).await.map(drop)?;
    spend_admitted_code(state, mobile, purpose, code, client).await
}

/// Takes the place of a try at a code, in the limits of its address; it keeps it whatever becomes of the try.
pub(super) async fn admit_code_try(state: &State, client: &Client) -> Result<Permit, Error> {
    state.rate_limits.code_try_of_address(client.address).await
}

/// Uses up a code that [`admit_code_try`] has let be tried.
pub(super) async fn spend_admitted_code(
    state: &State,
    mobile: &Mobile,
    purpose: Purpose,
    code: &SmsCode,
    client: &Client,
) -> Result<ConsumedCode, Error> {
    let spent = state.codes.of_account(client.user_id()).consume(mobile, purpose, code).await;
    let name = match &spent {
        Ok(spent) => Some(spent.name().to_owned()),
        Err(Error::SmsCodeWrong { .. }) => None,
        Err(error) => {
            if matches!(error, Error::SmsCodeGone) {
                record_sms_event(state, (mobile, purpose), SmsEvent::TypedTooLate, client);
            }
            return spent;
        }
    };
    let typed = if name.is_some() { SmsEvent::TypedRight } else { SmsEvent::TypedWrong };
    record_sms_event(state, (mobile, purpose), typed, client);
    let (event, reached) = match name {
        Some(_) => ("sms_code_right", FunnelStep::CodeRight),
        None => ("sms_code_wrong", FunnelStep::CodeWrong),
    };
    state.metrics.funnel_step(reached, purpose.as_str());
    log::info!("event={event} mobile={mobile:?} purpose={}", purpose.as_str());
    // Off the answer's path: it must not tell whether the number has an account.
    let (background, mobile) = (state.clone(), mobile.clone());
    state.spawn(async move {
        let noted = match name {
            Some(name) => background.sms_abuse_guard.record_verified(&name, &mobile).await,
            None => {
                background
                    .db
                    .write(async move |it| login_failures::count_wrong_code(it, &mobile).await)
                    .await
            }
        };
        if let Err(error) = noted {
            log::warn!("event=code_try_not_noted error={error:?}");
        }
    });
    spent
}

/// Forgets the codes of a number after a change of its account, which is done and stays so: a store that does not answer
/// is a line in the log. While it is away no code is good.
pub(super) async fn forget_codes(state: &State, user_id: i64, mobile: &Mobile) {
    if let Err(error) = state.codes.of_account(Some(user_id)).revoke_all(mobile).await {
        log::warn!("event=codes_not_forgotten user={user_id} mobile={mobile:?} error={error:?}");
    }
}

/// Puts a code back if what it paid for failed for a reason that is not its own.
///
/// If the store fails here the person needs a new code, which is the lesser evil.
pub(super) async fn restore_code_after<T>(
    state: &State,
    code: &ConsumedCode,
    done: &Result<T, Error>,
) {
    let is_not_its_own = matches!(
        done,
        Err(Error::Store(_) | Error::Internal(_) | Error::Busy { .. } | Error::NameTaken)
    );
    if is_not_its_own && let Err(error) = state.codes.restore(code).await {
        log::warn!("event=code_not_put_back error={error:?}");
    }
}
