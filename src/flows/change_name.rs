//! Changes the name of an account.

use super::State;
use crate::{
    domain::{account::Account, name::Name},
    errors::Error,
    stores::tables::users,
};

/// Changes the name. Fails if another account has it: the unique index decides.
pub async fn change_name(state: &State, account: &Account, name: Name) -> Result<Account, Error> {
    let renamed = Account { name, ..account.clone() };
    let (id, name, now) = (account.id, renamed.name.clone(), state.clock.now());
    state
        .db
        .write(async move |connection| users::set_name(connection, id, &name, now).await)
        .await?;
    state.session_cache.invalidate(id);
    log::info!("event=name_changed user={id}");
    Ok(renamed)
}
