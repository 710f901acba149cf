//! Note a message in the ledger before anybody is asked to send it, and then what became of it.

use futures_util::FutureExt as _;

use super::State;
use crate::{
    errors::{Error, Limit},
    sms::{Attempt, Delivery},
    stores::{
        db::Connection,
        kv::Window,
        tables::{
            sms_log,
            sms_log::{NewAttempt, NewMessage, PastMessage},
        },
    },
};

/// Notes it, and tells what providers have counted for the number; the windows of the number hold here too.
pub(super) async fn start_message(
    state: &State,
    new: &NewMessage,
    windows: &[(Window, Limit)],
) -> Result<Vec<PastMessage>, Error> {
    let (new, windows, clock) = (new.clone(), windows.to_vec(), state.clock.clone());
    let open =
        async move |it: &mut Connection| sms_log::start(it, &new, &windows, clock.now()).await;
    state.db.write_idempotent(open).await
}

/// Notes what became of it. It is under way or not, whatever the ledger says: a failure is a line in the log.
pub(super) async fn finish_message(state: &State, new: NewMessage, delivery: Delivery) {
    let (id, outcome, clock) = (new.id.clone(), delivery.outcome.as_str(), state.clock.clone());
    let attempts: Vec<_> = delivery.attempts.into_iter().map(kept).collect();
    // Boxed: that another thread may go on with it, the compiler does not see from further away.
    let closed = state
        .db
        .write_idempotent(async move |it| {
            sms_log::finish(it, &new, outcome, &attempts, clock.now()).await
        })
        .boxed()
        .await;
    if let Err(error) = closed {
        log::error!("event=ledger_not_closed message={id} outcome={outcome} error={error:?}");
    }
}

/// A provider's answer, as the ledger keeps it.
fn kept(attempt: Attempt) -> NewAttempt {
    NewAttempt {
        provider: attempt.provider.to_owned(),
        outcome: attempt.verdict.class.as_str(),
        provider_error: attempt.verdict.detail,
        provider_message_id: attempt.verdict.message_id,
        took: attempt.took,
    }
}
