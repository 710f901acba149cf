//! Note what a vendor tells of messages it has taken before.

use super::State;
use crate::{domain::sms_delivery::Receipt, errors::Error, stores::tables::sms_log};

/// Notes receipts in the ledger. A person whose message a carrier has refused need not wait for the
/// minute to pass: the place of that message is given back.
pub async fn record_receipts(
    state: &State,
    provider: &str,
    receipts: Vec<Receipt>,
) -> Result<(), Error> {
    for receipt in receipts {
        let (provider, was_delivered) = (provider.to_owned(), receipt.was_delivered);
        let clock = state.clock.clone();
        let noted = state
            .db
            .write(async move |connection| {
                sms_log::record_receipt(connection, &provider, &receipt, clock.now()).await
            })
            .await?;
        if let (Some((message_id, mobile)), false) = (noted, was_delivered) {
            log::info!("event=sms_undelivered message={message_id} mobile={mobile:?}");
            // The receipt is noted and would not be told of again: without its place back the number waits its minute.
            if let Err(error) = state.rate_limits.release_sms_of_mobile(&mobile, &message_id).await
            {
                log::warn!("event=place_not_given_back message={message_id} error={error:?}");
            }
        }
    }
    Ok(())
}
