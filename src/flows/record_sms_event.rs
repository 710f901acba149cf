//! Records events of a number besides messages, for operators who look for the reason why no code arrived.

use std::time::Duration;

use tokio::time::sleep;

use super::State;
use crate::{
    domain::{client::Client, mobile::Mobile, purpose::Purpose},
    errors::Error,
    stores::tables::{sms_events, sms_events::SmsEvent},
};

/// Pause between two transactions, so that each writes many events under load.
const PAUSE: Duration = Duration::from_millis(200);

/// Records an event in the background. Events that cannot be written are lost.
pub(super) fn record_sms_event(
    state: &State,
    subject: (&Mobile, Purpose),
    event: SmsEvent,
    client: &Client,
) {
    if !state.sms_events.add(subject, event, client.address, state.clock.now()) {
        return;
    }
    let background = state.clone();
    state.spawn(async move {
        let mut is_first = true;
        while let Some(rows) = background.sms_events.take() {
            if !std::mem::take(&mut is_first) {
                sleep(PAUSE).await;
            }
            let count = rows.len();
            let write = async move |connection: &mut _| sms_events::write(connection, &rows).await;
            if let Err(error) = background.db.write(write).await {
                log::warn!("event=sms_events_not_recorded events={count} error={error:?}");
            }
        }
    });
}

/// Records that no code was sent, and why.
pub(super) fn record_refusal(
    state: &State,
    subject: (&Mobile, Purpose),
    error: &Error,
    client: &Client,
) {
    if let Some(reason) = refusal_word(error) {
        record_sms_event(state, subject, SmsEvent::Refused(reason), client);
    }
}

/// Returns the word for a refusal that concerns the codes of a number.
fn refusal_word(error: &Error) -> Option<&'static str> {
    if let Error::TooOften { limit, .. } = error {
        return limit.key().strip_prefix("error-");
    }
    let reasons = [
        (matches!(error, Error::CaptchaWrong), "captcha-wrong"),
        (matches!(error, Error::CaptchaGone), "captcha-gone"),
        (matches!(error, Error::PriceRequired(_)), "proof-of-work"),
        (matches!(error, Error::MobileTaken), "mobile-taken"),
        (matches!(error, Error::OwnMobile), "own-mobile"),
        (matches!(error, Error::SmsPaused { .. }), "paused"),
        (matches!(error, Error::SmsBudgetSpent { .. }), "budget-spent"),
        (matches!(error, Error::Store(_) | Error::Internal(_) | Error::Busy { .. }), "failure"),
    ];
    reasons.into_iter().find_map(|(is_it, reason)| is_it.then_some(reason))
}
