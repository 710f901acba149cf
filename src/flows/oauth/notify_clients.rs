//! Tells clients that a session has ended (OpenID Connect Back-Channel Logout 1.0).

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use reqwest::{Client, header::CONTENT_TYPE};
use tokio::time::sleep;
use url::form_urlencoded;

use super::id_token::sign_logout_token;
use crate::{
    domain::oauth::client::OauthClient,
    errors::Error,
    flows::State,
    sms::client,
    stores::{
        db::Connection,
        tables::{
            oauth_clients, oauth_grants,
            oauth_grants::{EndedGrant, Grant},
        },
    },
};

/// Time between two searches for sessions that ended without anybody's doing, and for clients that did not answer.
const INTERVAL: Duration = Duration::from_mins(1);
/// How many grants one search returns.
const BATCH: i64 = 100;
/// The time after each attempt until the next; after the last one the client is told no more.
const RETRY_AFTER: [Duration; 5] = [
    Duration::from_secs(30),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(12),
];

/// Tells clients of the sessions of all accounts that have ended, every minute until the future is dropped.
pub async fn notify_clients_forever(state: State) {
    loop {
        sleep(INTERVAL).await;
        if let Err(error) = notify_clients(&state, None).await {
            log::warn!("event=oauth_logout_failed error={error:?}");
        }
    }
}

/// Tells clients of the sessions that have ended, of one account or of all. Several instances may do so at once: each
/// attempt is made by one.
pub async fn notify_clients(state: &State, user_id: Option<i64>) -> Result<(), Error> {
    let now = state.clock.now();
    let find = async move |connection: &mut Connection| {
        let ended = oauth_grants::ended(connection, user_id, now, BATCH).await?;
        let clients =
            if ended.is_empty() { Vec::new() } else { oauth_clients::all(connection).await? };
        Ok((ended, clients))
    };
    let (ended, clients) = state.db.read(find).await?;
    if ended.is_empty() {
        return Ok(());
    }
    let http = client::build()?;
    let (first, others) = one_of_each_session(ended);
    for other in others {
        end_logout(state, other.grant).await?;
    }
    let told = first.into_iter().filter_map(|ended| {
        let client = clients.iter().find(|client| client.id == ended.grant.client_id)?;
        Some(notify((state, &http), client, ended, now))
    });
    // One that does not answer delays no other.
    for failed in join_all(told).await.into_iter().filter_map(Result::err) {
        log::warn!("event=oauth_logout_failed error={failed:?}");
    }
    Ok(())
}

/// Returns one grant of each session at each client, and the others: a client is told once of each session.
fn one_of_each_session(ended: Vec<EndedGrant>) -> (Vec<EndedGrant>, Vec<EndedGrant>) {
    let mut seen = BTreeSet::new();
    ended.into_iter().partition(|ended| {
        seen.insert((ended.grant.client_id.clone(), ended.grant.session_id.clone()))
    })
}

async fn end_logout(state: &State, grant: Grant) -> Result<(), Error> {
    let end =
        async move |connection: &mut Connection| oauth_grants::end_logout(connection, &grant).await;
    state.db.write_idempotent(end).await
}

async fn notify(
    (state, http): (&State, &Client),
    client: &OauthClient,
    ended: EndedGrant,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let Some(uri) = &client.back_channel_logout_uri else { return Ok(()) };
    let attempt = usize::try_from(ended.attempts).unwrap_or_default();
    let retry = RETRY_AFTER.get(attempt);
    let (claimed, retry_at) = (ended.clone(), now + retry.copied().unwrap_or_default());
    let is_ours = state
        .db
        .write(async move |connection| {
            oauth_grants::claim_logout(connection, &claimed, retry_at).await
        })
        .await?;
    if !is_ours {
        return Ok(());
    }
    let token = sign_logout_token(state, client, &ended.grant).await?;
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("logout_token", &token)
        .finish();
    let request =
        http.post(uri).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
    let is_told = request.send().await.is_ok_and(|answer| answer.status().is_success());
    let (user, id) = (ended.grant.user_id, &client.id);
    state.metrics.oauth_event(if is_told { "logout_told" } else { "logout_not_told" });
    if is_told {
        log::info!("event=oauth_logout_told user={user} client={id:?}");
    } else {
        log::warn!("event=oauth_logout_not_told user={user} client={id:?} attempt={}", attempt + 1);
    }
    if is_told || retry.is_none() {
        end_logout(state, ended.grant).await?;
    }
    Ok(())
}
