//! Records the delivery receipts of SMS providers.

use super::State;
use crate::{
    domain::sms_delivery::Receipt,
    errors::Error,
    stores::tables::{sms_log, sms_log::ReceiptMessage},
};

/// Records receipts in the SMS log. If a carrier did not deliver a message, the permit of its number is released, so
/// that the person need not wait for the next one.
pub async fn record_receipts(
    state: &State,
    provider: &str,
    receipts: Vec<Receipt>,
) -> Result<(), Error> {
    for receipt in receipts {
        let (provider, was_delivered) = (provider.to_owned(), receipt.was_delivered);
        let clock = state.clock.clone();
        let recorded = state
            .db
            .write(async move |connection| {
                sms_log::record_receipt(connection, &provider, &receipt, clock.now()).await
            })
            .await?;
        if let (Some(ReceiptMessage { id, mobile, quota }), false) = (recorded, was_delivered) {
            log::info!("event=sms_undelivered message={id} mobile={mobile:?}");
            // The receipt is recorded and will not be reported again, so nothing else would release this permit.
            if let Err(error) = state.rate_limits.release_sms_of_mobile(&mobile, &quota, &id).await
            {
                log::warn!("event=permit_not_released message={id} error={error:?}");
            }
        }
    }
    Ok(())
}
