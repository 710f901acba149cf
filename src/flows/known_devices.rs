//! Lists the devices that are known to an account, and forgets one.

use super::State;
use crate::{
    errors::Error,
    stores::tables::{known_devices, known_devices::ListedDevice},
};

/// Returns the devices that are known to an account, the last used first.
pub async fn list_devices(state: &State, user_id: i64) -> Result<Vec<ListedDevice>, Error> {
    state.db.read(async move |connection| known_devices::list(connection, user_id).await).await
}

/// Makes a device unknown to an account. Fails with [`Error::NotFound`] if it is not known.
pub async fn forget_device(state: &State, user_id: i64, id: String) -> Result<(), Error> {
    let forget =
        async move |connection: &mut _| known_devices::forget(connection, user_id, &id).await;
    if state.db.write(forget).await? { Ok(()) } else { Err(Error::NotFound) }
}
