//! Finds the account of a number, and whether it knows the device of the client.

use super::State;
use crate::{
    domain::{client::Client, device::DeviceId, mobile::Mobile},
    errors::Error,
    stores::tables::{known_devices, known_devices::Owner},
};

/// Returns the account of a number, and whether it knows the device of the client: one query, the same for every number.
pub(super) async fn find_owner(
    state: &State,
    mobile: &Mobile,
    client: &Client,
) -> Result<Option<Owner>, Error> {
    let (mobile, device) = (mobile.clone(), client.device);
    state
        .db
        .read(async move |connection| known_devices::find_owner(connection, &mobile, device).await)
        .await
}

/// Returns the device of the client if the account of the number knows it. A client that names no device is not looked
/// up.
pub(super) async fn find_known_device(
    state: &State,
    mobile: &Mobile,
    client: &Client,
) -> Result<Option<DeviceId>, Error> {
    if client.device.is_none() {
        return Ok(None);
    }
    let owner = find_owner(state, mobile, client).await?;
    Ok(client.device.filter(|_| owner.is_some_and(|owner| owner.knows_device)))
}
