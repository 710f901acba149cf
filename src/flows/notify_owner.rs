//! Notifies the owner of an account by text message.

use super::{
    State,
    deliver_sms_code::{acquire_from_budget, failure_label, release_permits},
    issue_code::test_code,
    record_message,
};
use crate::{
    domain::{
        client::Client,
        language::Language,
        mobile::Mobile,
        sms_message::{MessageId, Notice, SmsMessage, SmsPurpose},
    },
    errors::Error,
    stores::{kv::PermitId, rate_limits::Spender, tables::sms_log::QuotaCheck},
};

/// Sends the notice in the background (R76).
///
/// It counts against the budget of the service but not against the limits of the number, since the owner has just
/// received a code. A failure is only logged.
pub(super) fn notify_owner(state: &State, mobile: &Mobile, notice: Notice, client: &Client) {
    let language = match notice {
        Notice::PasswordReset => client.language,
        // The client is a stranger.
        Notice::PasswordSignInClosed => Language::of_number(mobile),
    };
    let notice = SmsMessage {
        id: MessageId::new(PermitId::new().as_str()),
        mobile: mobile.clone(),
        language,
        purpose: SmsPurpose::Notice(notice),
    };
    let (background, client) = (state.clone(), client.clone());
    state.spawn(async move {
        if let Err(error) = send_notice(&background, &notice, client).await {
            log::warn!("event=notice_not_sent mobile={:?} error={error:?}", notice.mobile);
            background.metrics.sms_not_sent(notice.purpose.as_str(), failure_label(&error));
        }
    });
}

async fn send_notice(state: &State, notice: &SmsMessage, client: Client) -> Result<(), Error> {
    if test_code(state, &notice.mobile).await?.is_some() {
        return Ok(());
    }
    let message = PermitId::named(notice.id.as_str());
    let permit = acquire_from_budget(state, Spender::Anybody, &message, None).await?;
    record_message::start_message(state, notice, client.address, QuotaCheck::none()).await?;
    let delivery = state.sms.notify(notice).await;
    if delivery.attempts.is_empty() {
        log::warn!("event=notice_not_sent mobile={:?} error=\"no provider can\"", notice.mobile);
    }
    let (outcome, label) = (delivery.outcome, notice.purpose.as_str());
    // Finish the record before the permit is released: until then the SMS log counts the message.
    record_message::finish_message(state, notice.clone(), delivery).await;
    if !outcome.keeps_permit() {
        state.metrics.sms_not_sent(label, outcome.as_str());
        release_permits(state, &[&permit]).await;
    }
    Ok(())
}
