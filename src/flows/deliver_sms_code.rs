//! Hands a code to the SMS providers and records the outcome.

use futures_util::future::join;

use super::{
    State, record_message, record_sms_event::record_sms_event, sms_code_request::SmsCodeRequest,
};
use crate::{
    domain::{
        client::Client,
        mobile::Mobile,
        sms_delivery::{Delivery, Outcome},
        sms_message::{MessageId, SmsMessage, SmsPurpose},
        sms_quota::SmsQuota,
    },
    errors::Error,
    metrics::FunnelStep,
    sms::{CodeMessage, History},
    stores::{
        codes::IssuedCode,
        kv::PermitId,
        rate_limits::{Permit, Spender},
        tables::{sms_events::SmsEvent, sms_log, sms_log::QuotaCheck},
    },
};

/// How a number is treated when a code was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RecipientKind {
    /// The number gets the code.
    Texted,
    /// The number has no account and wants to sign in. It gets the code, out of the share of the budget that
    /// registrations may use.
    Unregistered,
    /// The number gets no message.
    NotTexted,
}

/// A message that has its permits and its code and waits to be sent.
#[derive(Debug)]
pub(super) struct SmsDelivery {
    /// Identifies the permits of this message, and is its id as well.
    pub(super) permit_id: PermitId,
    pub(super) request: SmsCodeRequest,
    pub(super) client: Client,
    pub(super) recipient: RecipientKind,
    /// The quota of the number that the message counts against.
    pub(super) quota: SmsQuota,
    pub(super) issued: IssuedCode,
    /// The permit in the budget of the service, and the one of the number.
    pub(super) permits: [Permit; 2],
}

impl SmsDelivery {
    /// Sends the message, and releases what it does not need any more if it was certainly not sent.
    pub(super) async fn send(self, state: &State) -> Result<Outcome, Error> {
        let [service_permit, _] = &self.permits;
        if !self.may_send(state).await {
            // Keep the permit of the number and the code, so that an unregistered number behaves exactly like a
            // registered one.
            release_permits(state, &[service_permit]).await;
            return Ok(Outcome::Sent);
        }
        match self.deliver(state).await {
            Ok(delivery) => Ok(self.record_outcome(state, delivery).await),
            Err(error) => {
                self.undo(state).await;
                Err(error)
            }
        }
    }

    /// Sends the message in the background, so a failure is logged and counted here.
    pub(super) async fn send_in_background(self, state: &State) {
        let (mobile, purpose) = (self.request.mobile.clone(), self.request.purpose.as_str());
        match self.send(state).await {
            Ok(Outcome::Sent | Outcome::Unknown | Outcome::Test) => {}
            Ok(
                outcome @ (Outcome::TooFrequent
                | Outcome::BadNumber
                | Outcome::Refused
                | Outcome::Paused),
            ) => {
                let reason = outcome.as_str();
                state.metrics.sms_not_sent(purpose, reason);
                log::warn!(
                    "event=sms_not_sent mobile={mobile:?} purpose={purpose} error={reason:?}"
                );
            }
            Err(error) => record_not_sent(state, (&mobile, purpose), &error),
        }
    }

    /// Returns whether the message is sent. Numbers without an account cannot use up the budget that is reserved for
    /// accounts (R32). Nothing in the response tells which number has one.
    async fn may_send(&self, state: &State) -> bool {
        match self.recipient {
            RecipientKind::Texted => true,
            RecipientKind::NotTexted => {
                self.record_event(state, SmsEvent::NoAccount);
                false
            }
            RecipientKind::Unregistered => {
                let permit =
                    acquire_from_budget(state, Spender::Unregistered, &self.permit_id).await;
                let SmsCodeRequest { mobile, purpose, .. } = &self.request;
                if let Err(error) = &permit {
                    record_not_sent(state, (mobile, purpose.as_str()), error);
                    self.record_event(state, SmsEvent::Refused("budget-spent"));
                }
                permit.is_ok()
            }
        }
    }

    fn record_event(&self, state: &State, event: SmsEvent) {
        record_sms_event(state, (&self.request.mobile, self.request.purpose), event, &self.client);
    }

    /// Records the message in the SMS log, then hands it to the providers.
    async fn deliver(&self, state: &State) -> Result<Delivery, Error> {
        let sms = self.message();
        let (quota, windows) =
            (self.quota.clone(), state.rate_limits.windows_of_quota(&self.quota));
        let check = QuotaCheck { quota, windows };
        let past = record_message::start_message(state, &sms, self.client.address, check).await?;
        if self.issued.is_test() {
            return Ok(Delivery { outcome: Outcome::Test, attempts: Vec::new() });
        }
        let IssuedCode { code, expires_in, .. } = &self.issued;
        let message = CodeMessage { sms, code: code.clone(), ttl: *expires_in };
        Ok(state.sms.deliver(&message, &History::new(past)).await)
    }

    /// Records the outcome, and undoes what was done for a message that was certainly not sent. If a provider reports too
    /// many messages to the number the permits are kept: it would say so again.
    async fn record_outcome(&self, state: &State, delivery: Delivery) -> Outcome {
        let outcome = delivery.outcome;
        // Finish the record before a permit is released: until then the SMS log counts the message.
        let finished = record_message::finish_message(state, self.message(), delivery);
        match outcome {
            Outcome::Sent | Outcome::Unknown => {
                join(finished, self.record_sent(state)).await;
                state.metrics.funnel_step(FunnelStep::CodeSent, self.request.purpose.as_str());
            }
            Outcome::Test => {
                finished.await;
                // The limits apply to test numbers too, although nothing is sent.
                state.metrics.test_number_used();
            }
            Outcome::TooFrequent => {
                finished.await;
                self.revoke_code_unless_answered(state).await;
            }
            Outcome::BadNumber | Outcome::Refused | Outcome::Paused => {
                finished.await;
                self.undo(state).await;
            }
        }
        outcome
    }

    /// Revokes the code and releases the permits of a message that was not sent. What was answered before keeps code and
    /// permit of the number.
    async fn undo(&self, state: &State) {
        let [service_permit, mobile_permit] = &self.permits;
        // Revoke the code first: the next holder of the permit must not be given this code and then see it revoked.
        self.revoke_code_unless_answered(state).await;
        if self.request.purpose.is_answered_before_sending() {
            release_permits(state, &[service_permit]).await;
        } else {
            release_permits(state, &[service_permit, mobile_permit]).await;
        }
    }

    async fn revoke_code_unless_answered(&self, state: &State) {
        if !self.request.purpose.is_answered_before_sending() {
            revoke_code(state, (&self.request, &self.client), &self.issued).await;
        }
    }

    fn message(&self) -> SmsMessage {
        SmsMessage {
            id: MessageId::new(self.permit_id.as_str()),
            mobile: self.request.mobile.clone(),
            purpose: SmsPurpose::Code(self.request.purpose),
        }
    }

    /// If the store fails here the abuse guard counts one code less.
    async fn record_sent(&self, state: &State) {
        let recorded =
            state.sms_abuse_guard.record_sent(&self.issued.seed, &self.request.mobile).await;
        if let Err(error) = recorded {
            log::warn!("event=sms_not_counted error={error:?}");
        }
    }
}

/// Logs and counts a message that was promised and is not sent.
pub(super) fn record_not_sent(
    state: &State,
    (mobile, purpose): (&Mobile, &'static str),
    error: &Error,
) {
    let reason = failure_label(error);
    state.metrics.sms_not_sent(purpose, reason);
    let is_ours = ["store", "internal"].contains(&reason);
    let level = if is_ours { log::Level::Error } else { log::Level::Warn };
    let error = error.to_string();
    log::log!(level, "event=sms_not_sent mobile={mobile:?} purpose={purpose} error={error:?}");
}

/// Returns the reason why a message was not sent, as a label for the metrics.
pub(super) fn failure_label(error: &Error) -> &'static str {
    if let Error::Store(_) = error {
        "store"
    } else if let Error::SmsBudgetSpent { .. } = error {
        "budget"
    } else if let Error::TooOften { .. } = error {
        "limit"
    } else {
        "internal"
    }
}

/// Acquires a permit from the budget of the service. If the kv store has lost what was sent before, it is filled from
/// the SMS log first.
pub(super) async fn acquire_from_budget(
    state: &State,
    spender: Spender,
    message: &PermitId,
) -> Result<Permit, Error> {
    if let Some(permit) = state.rate_limits.sms_of_service(spender, message).await? {
        return Ok(permit);
    }
    let max_messages = state.rate_limits.largest_budget();
    let now = state.clock.now();
    let past = state
        .db
        .read(async move |connection| sms_log::recently_sent(connection, max_messages, now).await)
        .await?;
    state.rate_limits.fill_budget(&past).await?;
    let permit = state.rate_limits.sms_of_service(spender, message).await?;
    permit.ok_or_else(|| Error::store("the budget was forgotten at once"))
}

/// Releases permits. If the store fails here they expire by themselves.
pub(super) async fn release_permits(state: &State, permits: &[&Permit]) {
    if let Err(error) = state.rate_limits.release(permits).await {
        log::warn!("event=permit_not_released error={error:?}");
    }
}

/// Revokes a code that was not sent. If the store fails here the code expires unseen.
pub(super) async fn revoke_code(
    state: &State,
    (request, client): (&SmsCodeRequest, &Client),
    issued: &IssuedCode,
) {
    let codes = state.codes.of_account(client.user_id());
    if let Err(error) = codes.revoke(&request.mobile, request.purpose, issued).await {
        log::warn!("event=code_not_revoked error={error:?}");
    }
}
