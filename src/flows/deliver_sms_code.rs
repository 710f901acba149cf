//! Hand a code to the providers, and settle what came of it.

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
    },
    errors::Error,
    metrics::Stage,
    sms::{CodeMessage, History},
    stores::{
        codes::IssuedCode,
        kv::PermitId,
        rate_limits::{Permit, Spender},
        tables::{sms_events::SmsEvent, sms_log},
    },
};

/// Whom a code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RecipientKind {
    /// Whoever is texted for this purpose.
    Texted,
    /// Somebody who signs in without having an account: texted as part of what registration may use.
    Unregistered,
    /// A number that is told nothing.
    Silent,
}

/// A message that has its places and its code, and is to be sent.
#[derive(Debug)]
pub(super) struct SmsDelivery {
    /// Names the permits of this message, and is its id as well.
    pub(super) permit_id: PermitId,
    pub(super) request: SmsCodeRequest,
    pub(super) client: Client,
    pub(super) recipient: RecipientKind,
    pub(super) issued: IssuedCode,
    /// Of the service, and of the number.
    pub(super) permits: [Permit; 2],
}

impl SmsDelivery {
    /// Sends it, and takes back what was not sent for certain.
    pub(super) async fn run(self, state: &State) -> Result<Outcome, Error> {
        let [of_service, _] = &self.permits;
        if !self.is_to_be_sent(state).await {
            // The number's own place stays: it waits like any other, and the code waits to be guessed at.
            release_permits(state, &[of_service]).await;
            return Ok(Outcome::Sent);
        }
        match self.deliver(state).await {
            Ok(delivery) => Ok(self.settle(state, delivery).await),
            Err(error) => {
                self.take_back(state).await;
                Err(error)
            }
        }
    }

    /// Sends it with nobody waiting for the outcome, so a code that is not sent is logged and counted here.
    pub(super) async fn run_detached(self, state: &State) {
        let (mobile, purpose) = (self.request.mobile.clone(), self.request.purpose.as_str());
        match self.run(state).await {
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

    /// Whoever has no account cannot use up what is kept for those who have one (R32); who that
    /// is shows nowhere.
    async fn is_to_be_sent(&self, state: &State) -> bool {
        match self.recipient {
            RecipientKind::Texted => true,
            RecipientKind::Silent => {
                self.note(state, SmsEvent::NoAccount);
                false
            }
            RecipientKind::Unregistered => {
                let share =
                    acquire_from_budget(state, Spender::Unregistered, &self.permit_id).await;
                let SmsCodeRequest { mobile, purpose, .. } = &self.request;
                if let Err(error) = &share {
                    record_not_sent(state, (mobile, purpose.as_str()), error);
                    self.note(state, SmsEvent::Refused("budget-spent"));
                }
                share.is_ok()
            }
        }
    }

    fn note(&self, state: &State, event: SmsEvent) {
        record_sms_event(state, (&self.request.mobile, self.request.purpose), event, &self.client);
    }

    /// Hands the message to the providers, once the ledger has it.
    async fn deliver(&self, state: &State) -> Result<Delivery, Error> {
        let sms = self.message();
        let windows = state.rate_limits.windows_of_mobile();
        let past =
            record_message::start_message(state, &sms, self.client.address, &windows).await?;
        if self.issued.is_test {
            return Ok(Delivery { outcome: Outcome::Test, attempts: Vec::new() });
        }
        let IssuedCode { code, ttl, .. } = &self.issued;
        let message = CodeMessage { sms, code: code.clone(), ttl: *ttl };
        Ok(state.sms.deliver(&message, &History::new(past)).await)
    }

    /// Notes what became of it, and takes back what was not sent for certain. The provider's "too often" leaves the
    /// places taken: it has texted this number just now, or would say so again.
    async fn settle(&self, state: &State, delivery: Delivery) -> Outcome {
        let outcome = delivery.outcome;
        // Before any place comes free: the ledger counts a message until it is closed.
        let closed = record_message::finish_message(state, self.message(), delivery);
        match outcome {
            Outcome::Sent | Outcome::Unknown => {
                join(closed, self.note_sent(state)).await;
                state.metrics.funnel_step(FunnelStep::CodeSent, self.request.purpose.as_str());
            }
            Outcome::Test => {
                closed.await;
                // Nobody was texted, and the limits hold all the same.
                state.metrics.test_number_used();
            }
            Outcome::TooFrequent => {
                closed.await;
                revoke_code(state, (&self.request, &self.client), &self.issued).await;
            }
            Outcome::BadNumber | Outcome::Refused | Outcome::Paused => {
                closed.await;
                self.take_back(state).await;
            }
        }
        outcome
    }

    async fn take_back(&self, state: &State) {
        let [of_service, of_mobile] = &self.permits;
        // First the code: whoever has the place next may be given the living one, and must not see it die.
        revoke_code(state, (&self.request, &self.client), &self.issued).await;
        release_permits(state, &[of_service, of_mobile]).await;
    }

    fn message(&self) -> SmsMessage {
        SmsMessage {
            id: MessageId::new(self.permit_id.as_str()),
            mobile: self.request.mobile.clone(),
            purpose: SmsPurpose::Code(self.request.purpose),
        }
    }

    /// If the store fails here the ladder knows of one code less.
    async fn note_sent(&self, state: &State) {
        let noted =
            state.sms_abuse_guard.record_sent(self.issued.name(), &self.request.mobile).await;
        if let Err(error) = noted {
            log::warn!("event=sms_not_tallied error={error:?}");
        }
    }
}

/// Writes down, and counts, that a message which was promised is not sent.
pub(super) fn record_not_sent(
    state: &State,
    (mobile, purpose): (&Mobile, &'static str),
    error: &Error,
) {
    let reason = reason_of(error);
    state.metrics.sms_not_sent(purpose, reason);
    let is_ours = ["store", "internal"].contains(&reason);
    let level = if is_ours { log::Level::Error } else { log::Level::Warn };
    let error = error.to_string();
    log::log!(level, "event=sms_not_sent mobile={mobile:?} purpose={purpose} error={error:?}");
}

/// Why a message was not sent, in one word for the metrics.
pub(super) fn reason_of(error: &Error) -> &'static str {
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

/// Takes a place in the budget; if the store has forgotten what it was used for, the ledger knows.
pub(super) async fn acquire_from_budget(
    state: &State,
    spender: Spender,
    message: &PermitId,
) -> Result<Permit, Error> {
    if let Some(place) = state.rate_limits.sms_of_service(spender, message).await? {
        return Ok(place);
    }
    let windows = state.rate_limits.rules().sms_of_service;
    let most = windows.iter().map(|it| it.limit).max().unwrap_or_default();
    let now = state.clock.now();
    let past = state.db.read(async move |it| sms_log::recently_sent(it, most, now).await).await?;
    state.rate_limits.fill_budget(&past).await?;
    let place = state.rate_limits.sms_of_service(spender, message).await?;
    place.ok_or_else(|| Error::store("the budget was forgotten at once"))
}

/// Gives places back. If the store fails here, they come free by themselves, only later.
pub(super) async fn release_permits(state: &State, places: &[&Permit]) {
    if let Err(error) = state.rate_limits.release(places).await {
        log::warn!("event=place_not_given_back error={error:?}");
    }
}

/// Takes an unsent code back. If the store fails here it dies unseen: nobody has read it.
pub(super) async fn revoke_code(
    state: &State,
    (request, client): (&SmsCodeRequest, &Client),
    issued: &IssuedCode,
) {
    let codes = state.codes.of_account(client.user_id());
    if let Err(error) = codes.revoke(&request.mobile, request.purpose, issued).await {
        log::warn!("event=code_not_withdrawn error={error:?}");
    }
}
