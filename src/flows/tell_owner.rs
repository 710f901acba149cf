//! Tell the owner of an account, by text message, that something was done with it.

use chrono::Utc;

use super::{
    State,
    deliver_sms_code::{kept, take_from_budget},
    issue_code::chosen_code,
};
use crate::{
    domain::{client::Client, mobile::Mobile},
    errors::Error,
    sms::Notice,
    stores::{
        db::Connection,
        kv::Ticket,
        ledger::{self, NewAttempt, NewMessage},
        limits::Spender,
    },
};

/// Tells it behind the answer (SECURITY R76).
///
/// Within the budget of the whole service, but not within the number's own: the owner has just been
/// texted a code. What cannot be told is a line in the log and nothing else.
pub(super) fn tell_owner(state: &State, mobile: &Mobile, client: &Client) {
    let notice = Notice { id: Ticket::new().as_str().to_owned(), mobile: mobile.clone() };
    let (moved, client) = (state.clone(), client.clone());
    state.go_on(async move {
        if let Err(error) = tell(&moved, &notice, client).await {
            log::warn!("event=notice_not_sent error={error:?}");
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
    let opened = row.clone();
    let open = move |it: &mut Connection| ledger::open(it, &opened, &[], Utc::now()).map(drop);
    state.db.write_once(open).await?;
    let delivery = state.sms.notify(notice).await;
    if delivery.attempts.is_empty() {
        log::warn!("event=notice_not_sent mobile={:?} error=\"no provider can\"", notice.mobile);
    }
    let outcome = delivery.outcome;
    if !outcome.keeps_its_place() {
        state.limits.release(&[&place]).await?;
    }
    let attempts: Vec<NewAttempt> = delivery.attempts.into_iter().map(kept).collect();
    let close =
        move |it: &mut Connection| ledger::close(it, &row, outcome.as_str(), &attempts, Utc::now());
    state.db.write(close).await
}
