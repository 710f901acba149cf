//! Records the delivery receipts of SMS providers.

use super::State;
use crate::{
    domain::sms_delivery::Receipt,
    errors::Error,
    stores::tables::{sms_log, sms_log::ReceiptMessage},
};

/// Records receipts in the SMS log.
///
/// If a carrier did not deliver a message, the permit of its number is released, so that the person need not wait for the
/// next one. Not so for sign-in and reset, which show nothing of providers.
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
        if let (Some(message), false) = (recorded, was_delivered) {
            let ReceiptMessage { id, mobile, purpose, .. } = &message;
            log::info!("event=sms_undelivered message={id} mobile={mobile:?}");
            if purpose.is_some_and(|purpose| !purpose.is_answered_before_sending()) {
                release_permit(state, &message).await;
            }
        }
    }
    Ok(())
}

/// Releases the permit of a number. The receipt is recorded and will not be reported again, so nothing else would.
async fn release_permit(state: &State, ReceiptMessage { id, mobile, quota, .. }: &ReceiptMessage) {
    if let Err(error) = state.rate_limits.release_sms_of_mobile(mobile, quota, id).await {
        log::warn!("event=permit_not_released message={id} error={error:?}");
    }
}
