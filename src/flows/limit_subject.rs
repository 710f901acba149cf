//! For whom the requests of a client are counted.

use super::State;
use crate::{
    domain::{client::Client, network::Network, requester::Requester},
    stores::{db::Connection, rate_limits::Subject, tables::known_devices},
};

/// Returns for whom the requests of a client are counted: somebody who is signed in has quotas of their own. `None` for an
/// address whose network the operator has allowed.
pub(super) fn subject_of(state: &State, client: &Client) -> Option<Subject> {
    if state.rate_limits.is_allowed(client.address) {
        return None;
    }
    Some(match client.user_id() {
        Some(id) => account(id),
        None => Subject::Network(Network::of(client.address)),
    })
}

/// Returns the client's device, which has quotas of its own if it has signed in to some account. Only an address that has
/// used its quotas up is asked for it, because that reads the database. Without the database no device is known.
pub(super) async fn known_device(
    state: &State,
    subject: &Subject,
    client: &Client,
) -> Option<Subject> {
    let Subject::Network(_) = subject else { return None };
    let device = client.device?;
    let find =
        async move |connection: &mut Connection| known_devices::is_known(connection, device).await;
    let is_known = state.db.read(find).await.unwrap_or(false);
    is_known.then(|| Subject::Own(Requester::Device(device).key()))
}

/// Returns every subject for which requests of a client may have been counted.
pub(super) fn subjects_of(client: &Client) -> Vec<Subject> {
    let network = Subject::Network(Network::of(client.address));
    let device = client.device.map(|device| Subject::Own(Requester::Device(device).key()));
    [network].into_iter().chain(client.user_id().map(account)).chain(device).collect()
}

fn account(id: i64) -> Subject {
    Subject::Own(format!("account-{id}"))
}
