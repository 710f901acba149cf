//! Counts the messages of a number again, from the SMS log, after the kv store has lost them.

use super::{State, pay_for_reserve};
use crate::{
    domain::mobile::Mobile,
    errors::{Error, LimitMessage, ProofProblem},
    stores::{db::Connection, tables::sms_log},
};

/// Fills the limits of a number from the SMS log if `refused` says that the number is used up, which the kv store did not
/// know. The next request is then decided as before the loss: the reserve is open for its price.
pub(super) async fn refill_number(state: &State, mobile: &Mobile, refused: &Error) {
    if !is_used_up(refused) {
        return;
    }
    if let Err(error) = try_refill(state, mobile).await {
        log::warn!("event=limits_not_refilled error={error:?}");
    }
}

/// Offers the reserve to somebody whom the SMS log has refused, if there is room in it.
pub(super) async fn or_reserve(state: &State, mobile: &Mobile, refused: Error) -> Error {
    let Error::TooOften { limit: LimitMessage::Mobile, retry_after } = refused else {
        return refused;
    };
    match state.rate_limits.wait_for_sms_reserve(mobile).await {
        Ok(wait) if wait.is_zero() => {
            pay_for_reserve::unpaid(state, ProofProblem::Missing, retry_after)
        }
        Ok(_) | Err(_) => refused,
    }
}

fn is_used_up(refused: &Error) -> bool {
    matches!(refused, Error::TooOften { limit: LimitMessage::Mobile, .. })
}

async fn try_refill(state: &State, mobile: &Mobile) -> Result<(), Error> {
    let (number, now) = (mobile.clone(), state.clock.now());
    let find = async move |connection: &mut Connection| {
        sms_log::quota_uses(connection, &number, now).await
    };
    let uses = state.db.read(find).await?;
    state.rate_limits.fill_sms_of_mobile(mobile, &uses).await
}
