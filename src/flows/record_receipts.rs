//! Note what a vendor tells of messages it has taken before.

use super::State;
use crate::{
    errors::Error,
    sms::receipts::Receipt,
    stores::tables::{sms_log, sms_log::NewReceipt},
};

/// Notes receipts in the ledger. A person whose message a carrier has refused need not wait for the
/// minute to pass: the place of that message is given back.
pub async fn record_receipts(
    state: &State,
    provider: &str,
    receipts: Vec<Receipt>,
) -> Result<(), Error> {
    for receipt in receipts {
        let (provider, was_delivered) = (provider.to_owned(), receipt.was_delivered);
        let new = NewReceipt {
            provider_message_id: receipt.message_id,
            was_delivered,
            error: receipt.code,
        };
        let clock = state.clock.clone();
        let noted = state
            .db
            .write(async move |connection| {
                sms_log::record_receipt(connection, &provider, &new, clock.now()).await
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
