//! Hands a code to the SMS providers and records the outcome.

use std::net::IpAddr;

use futures_util::future::join;

use super::{
    State, record_message,
    record_sms_event::{record_refusal, record_sms_event},
    refill_number::refill_number,
    sms_code_request::SmsCodeRequest,
};
use crate::{
    domain::{
        client::Client,
        mobile::Mobile,
        purpose::Purpose,
        sms_delivery::{Delivery, Outcome},
        sms_message::{MessageId, SmsMessage, SmsPurpose},
        sms_quota::SmsQuota,
    },
    errors::Error,
    metrics::FunnelStep,
    sms::History,
    stores::{
        codes::IssuedCode,
        db::Connection,
        kv::PermitId,
        rate_limits::{Permit, Spender},
        sms_abuse_guard::Level,
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
    /// The level of the SMS abuse guard when the code was requested.
    pub(super) level: Level,
    pub(super) recipient: RecipientKind,
    /// The quota of the number that the message counts against.
    pub(super) quota: SmsQuota,
    pub(super) issued: IssuedCode,
    /// The permits that the message has.
    pub(super) permits: Permits,
}

/// The permits that a message needs.
#[derive(Debug)]
pub(super) struct Permits {
    /// The one from the budget of the service.
    pub(super) service: Permit,
    /// The one of the number and of its prefix.
    pub(super) mobile: Permit,
    /// The one of the client's address and subnet.
    pub(super) address: Permit,
}

impl SmsDelivery {
    /// Sends the message, and releases what it does not need any more if it was certainly not sent.
    pub(super) async fn send(self, state: &State) -> Result<Outcome, Error> {
        let admitted = self.admit_stranger(state).await;
        if !self.may_send(state, &admitted).await {
            // Keep the code and the permits of number and address, so that an unregistered number behaves exactly like a
            // registered one. The prefix counts what was sent.
            self.release_unsent(state, &self.permits.service).await;
            let (mobile, id) = (&self.request.mobile, self.permit_id.as_str());
            if let Err(error) = state.rate_limits.release_sms_of_prefix(mobile, id).await {
                log::warn!("event=permit_not_released error={error:?}");
            }
            return Ok(Outcome::Sent);
        }
        match self.deliver(state).await {
            Ok(delivery) => Ok(self.record_outcome(state, delivery, &admitted).await),
            Err(error) => {
                self.undo(state, &admitted).await;
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

    /// Decides whether a stranger would get this code to sign in: whether the SMS abuse guard and the share of the budget
    /// that registrations may use allow it. Returns the permits that it took. The guard counts the code only then.
    ///
    /// It is decided alike for a number with an account, which gets its code in any case. Otherwise what the guard has
    /// counted, and so the next captcha, would tell whether the number has one.
    async fn admit_stranger(&self, state: &State) -> Result<Vec<Permit>, Error> {
        if self.request.purpose != Purpose::Login {
            // A registration was refused before, or has the permits already. Others are no strangers.
            return Ok(Vec::new());
        }
        let (id, address) = (&self.permit_id, self.client.address);
        let of_guard = match self.level {
            Level::Normal | Level::Harder => None,
            Level::Strict { codes_per_hour } => {
                Some(state.rate_limits.code_to_stranger(codes_per_hour, id, address).await?)
            }
            Level::Paused { retry_after } => return Err(Error::SmsPaused { retry_after }),
        };
        let share = acquire_from_budget(state, Spender::Unregistered, id, Some(address)).await?;
        if self.recipient == RecipientKind::Texted {
            self.release_unsent(state, &share).await;
        }
        Ok(of_guard.into_iter().chain([share]).collect())
    }

    /// Returns whether the message is sent. Numbers without an account cannot use up the budget that is reserved for
    /// accounts (R32), and get nothing if the SMS abuse guard refuses strangers. Nothing in the response tells which number
    /// has one.
    async fn may_send(&self, state: &State, admitted: &Result<Vec<Permit>, Error>) -> bool {
        let refusal = match (self.recipient, admitted) {
            (RecipientKind::Texted, _) | (RecipientKind::Unregistered, Ok(_)) => return true,
            (RecipientKind::NotTexted, _) => {
                self.record_event(state, SmsEvent::NoAccount);
                return false;
            }
            (RecipientKind::Unregistered, Err(refusal)) => refusal,
        };
        if matches!(refusal, Error::SmsPaused { .. }) && self.is_proved(state).await {
            let (id, address) = (&self.permit_id, Some(self.client.address));
            return acquire_from_budget(state, Spender::Unregistered, id, address).await.is_ok();
        }
        let SmsCodeRequest { mobile, purpose, .. } = &self.request;
        record_not_sent(state, (mobile, purpose.as_str()), refusal);
        record_refusal(state, (mobile, *purpose), refusal, &self.client);
        false
    }

    /// Releases a permit of the budget for a message that is not sent.
    async fn release_unsent(&self, state: &State, permit: &Permit) {
        if let Err(error) = state.rate_limits.release_unsent(permit).await {
            log::warn!("event=permit_not_released error={error:?}");
        }
    }

    /// Returns whether the number was proved not long ago, though it has no account. If the database fails it counts as
    /// not proved.
    async fn is_proved(&self, state: &State) -> bool {
        let (mobile, now) = (self.request.mobile.clone(), state.clock.now());
        let find = async move |connection: &mut Connection| {
            sms_log::is_proved(connection, &mobile, now).await
        };
        state.db.read(find).await.unwrap_or_default()
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
        let started = record_message::start_message(state, &sms, self.client.address, check).await;
        if let Err(refused) = &started {
            refill_number(state, &sms.mobile, refused).await;
        }
        let past = started?;
        if self.issued.is_test() {
            return Ok(Delivery { outcome: Outcome::Test, attempts: Vec::new() });
        }
        let IssuedCode { code, expires_in, .. } = &self.issued;
        let message = state.sms.code_message(sms, code.clone(), *expires_in);
        Ok(state.sms.deliver(&message, &History::new(past)).await)
    }

    /// Records the outcome, and releases permits and code if the message was certainly not sent. If a provider reports
    /// too many messages to the number the permits are kept: it would say so again.
    async fn record_outcome(
        &self,
        state: &State,
        delivery: Delivery,
        admitted: &Result<Vec<Permit>, Error>,
    ) -> Outcome {
        let outcome = delivery.outcome;
        // Finish the record before a permit is released: until then the SMS log counts the message.
        let finished = record_message::finish_message(state, self.message(), delivery);
        match outcome {
            Outcome::Sent | Outcome::Unknown => {
                join(finished, self.record_sent(state, admitted.is_ok())).await;
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
                self.release_of_address(state).await;
            }
            Outcome::BadNumber | Outcome::Refused | Outcome::Paused => {
                finished.await;
                self.undo(state, admitted).await;
            }
        }
        outcome
    }

    /// Revokes the code and releases the permits of a message that was not sent. What was answered before keeps code and
    /// permit of the number.
    async fn undo(&self, state: &State, admitted: &Result<Vec<Permit>, Error>) {
        let Permits { service, mobile, .. } = &self.permits;
        // Revoke the code first: the next holder of the permit must not be given this code and then see it revoked.
        self.revoke_code_unless_answered(state).await;
        let mut permits = vec![service];
        permits.extend(admitted.iter().flatten());
        if !self.request.purpose.is_answered_before_sending() {
            permits.push(mobile);
        }
        release_permits(state, &permits).await;
        self.release_of_address(state).await;
    }

    /// Releases the permit of the address, unless the answer was given before a provider was asked: else the next price
    /// would tell that there was a message, and so an account.
    async fn release_of_address(&self, state: &State) {
        if !self.request.purpose.is_answered_before_sending() {
            release_permits(state, &[&self.permits.address]).await;
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
            language: self.client.language,
            purpose: SmsPurpose::Code(self.request.purpose),
        }
    }

    /// Records that the code was sent, for the SMS abuse guard. If the store fails here it counts one code less.
    ///
    /// Codes to reset a password do not count: only numbers with an account are sent one, so the guard would tell which
    /// numbers have one.
    async fn record_sent(&self, state: &State, is_open_to_strangers: bool) {
        if self.request.purpose == Purpose::Reset || !is_open_to_strangers {
            return;
        }
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
    } else if let Error::SmsPaused { .. } = error {
        "guard"
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
    address: Option<IpAddr>,
) -> Result<Permit, Error> {
    if let Some(permit) = state.rate_limits.sms_of_service(spender, message, address).await? {
        return Ok(permit);
    }
    let max_messages = state.rate_limits.largest_budget();
    let now = state.clock.now();
    let past = state
        .db
        .read(async move |connection| sms_log::recently_sent(connection, max_messages, now).await)
        .await?;
    state.rate_limits.fill_budget(&past).await?;
    let permit = state.rate_limits.sms_of_service(spender, message, address).await?;
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
