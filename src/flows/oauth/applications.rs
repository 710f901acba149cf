//! Lists the applications that a person has signed in to, and takes an application's access away.

use crate::{
    errors::Error,
    flows::State,
    stores::{
        db::Connection,
        tables::{oauth_consents, oauth_consents::Application},
    },
};

/// Returns the applications of a person, the last used first.
pub async fn list_applications(state: &State, user_id: i64) -> Result<Vec<Application>, Error> {
    state.db.read(async move |connection| oauth_consents::list(connection, user_id).await).await
}

/// Ends the access of an application, whose tokens end at once. Fails with [`Error::NotFound`] if it has none.
pub async fn remove_application(state: &State, user_id: i64, id: String) -> Result<(), Error> {
    let client = id.clone();
    let remove = async move |connection: &mut Connection| {
        oauth_consents::delete(connection, user_id, &id).await
    };
    if !state.db.write(remove).await? {
        return Err(Error::NotFound);
    }
    state.metrics.oauth_event("access_removed");
    log::info!("event=oauth_access_removed user={user_id} client={client:?}");
    Ok(())
}
