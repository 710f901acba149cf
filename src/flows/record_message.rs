//! Record a text message in the SMS log before a provider is asked to send it, and its outcome afterwards.

use std::net::IpAddr;

use futures_util::FutureExt as _;

use super::State;
use crate::{
    domain::{
        sms_delivery::{Delivery, PastSend},
        sms_message::SmsMessage,
    },
    errors::Error,
    stores::{
        db::Connection,
        tables::{sms_log, sms_log::QuotaCheck},
    },
};

/// Records a message and returns the earlier ones that providers have counted for its number. Fails if a window of the
/// number is full.
pub(super) async fn start_message(
    state: &State,
    message: &SmsMessage,
    address: IpAddr,
    check: QuotaCheck,
) -> Result<Vec<PastSend>, Error> {
    let (message, clock) = (message.clone(), state.clock.clone());
    let start = async move |connection: &mut Connection| {
        sms_log::start(connection, &message, address, &check, clock.now()).await
    };
    state.db.write_idempotent(start).await
}

/// Records the outcome of a message. It was sent or not whatever the SMS log says, so a failure is only logged.
pub(super) async fn finish_message(state: &State, message: SmsMessage, delivery: Delivery) {
    let (id, outcome, clock) = (message.id.clone(), delivery.outcome.as_str(), state.clock.clone());
    // Boxed because the compiler cannot otherwise prove this future `Send`.
    let finished = state
        .db
        .write_idempotent(async move |connection| {
            sms_log::finish(connection, &message, &delivery, clock.now()).await
        })
        .boxed()
        .await;
    if let Err(error) = finished {
        log::error!("event=sms_log_not_updated message={id} outcome={outcome} error={error:?}");
    }
}
