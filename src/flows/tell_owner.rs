//! Tell the owner of an account, by text message, that something was done with it.

use super::{
    State,
    deliver_sms_code::{give_back, reason_of, take_from_budget},
    issue_code::chosen_code,
    note_message,
};
use crate::{
    domain::{client::Client, mobile::Mobile},
    errors::Error,
    sms::Notice,
    stores::{
        kv::Ticket,
        ledger::{self, NewMessage},
        limits::Spender,
    },
};

/// Tells it behind the answer (R76).
///
/// Within the budget of the whole service, but not within the number's own: the owner has just been
/// texted a code. What cannot be told is a line in the log and nothing else.
pub(super) fn tell_owner(state: &State, mobile: &Mobile, client: &Client) {
    let notice = Notice { id: Ticket::new().as_str().to_owned(), mobile: mobile.clone() };
    let (moved, client) = (state.clone(), client.clone());
    state.go_on(async move {
        if let Err(error) = tell(&moved, &notice, client).await {
            log::warn!("event=notice_not_sent mobile={:?} error={error:?}", notice.mobile);
            moved.metrics.sms_not_sent(ledger::NOTICE, reason_of(&error));
        }
    });
}

async fn tell(state: &State, notice: &Notice, client: Client) -> Result<(), Error> {
    if chosen_code(state, &notice.mobile).await?.is_some() {
        return Ok(());
    }
    let message = Ticket::named(&notice.id);
    let place = take_from_budget(state, Spender::Anybody, &message).await?;
    let row = NewMessage {
        id: notice.id.clone(),
        mobile: notice.mobile.clone(),
        purpose: ledger::NOTICE,
        client,
    };
    let was_texted_lately = true; // As a rule: most notices follow a code.
    note_message::open(state, &row, &[], was_texted_lately).await?;
    let delivery = state.sms.notify(notice).await;
    if delivery.attempts.is_empty() {
        log::warn!("event=notice_not_sent mobile={:?} error=\"no provider can\"", notice.mobile);
    }
    let outcome = delivery.outcome;
    // Before its place comes free: the ledger counts a message until it is closed.
    note_message::close(state, row, delivery).await;
    if !outcome.keeps_its_place() {
        state.metrics.sms_not_sent(ledger::NOTICE, outcome.as_str());
        give_back(state, &[&place]).await;
    }
    Ok(())
}
