//! Lets a person sign in to an application: what they have to consent to, and the code that the application gets.

use crate::{
    domain::oauth::{
        authorization_request::AuthorizationRequest,
        client::OauthClient,
        redirect_uri,
        scope::Scope,
        token::{OpaqueToken, TokenUse},
    },
    errors::Error,
    flows::State,
    stores::tables::{oauth_clients, oauth_consents, oauth_grants, oauth_grants::Grant},
};

/// Returns a client.
pub async fn find_client(state: &State, id: &str) -> Result<Option<OauthClient>, Error> {
    let id = id.to_owned();
    state.db.read(async move |connection| oauth_clients::find(connection, &id).await).await
}

/// Returns what a person has to consent to before this client is told; nothing if they have consented before.
///
/// Any program on a device may stand behind a client that keeps no secret and whose address is not on the web, so people
/// are asked each time (RFC 8252 §8.6).
pub async fn missing_consent(
    state: &State,
    (client, redirect_uri): (&OauthClient, &str),
    user_id: i64,
    wanted: Scope,
) -> Result<Scope, Error> {
    let asked = client.scope_to_consent_to(wanted);
    if client.is_public() && redirect_uri::can_be_impersonated(redirect_uri) {
        return Ok(wanted);
    }
    if asked.is_empty() {
        return Ok(asked);
    }
    let id = client.id.clone();
    let given = state
        .db
        .read(async move |connection| oauth_consents::find(connection, user_id, &id).await)
        .await?;
    Ok(if given.unwrap_or_default().covers(asked) { Scope::default() } else { wanted })
}

/// Makes a code for a client, and records that the person has signed in to it.
pub async fn grant_code(
    state: &State,
    grant: Grant,
    request: &AuthorizationRequest,
) -> Result<OpaqueToken, Error> {
    let (code, now, scope) =
        (OpaqueToken::random(TokenUse::Code), state.clock.now(), request.scope);
    let (user_id, client_id, session) =
        (grant.user_id, grant.client_id.clone(), grant.session_id.clone());
    let new_code = code.clone();
    state
        .db
        .write(async move |connection| {
            let (user, client) = (grant.user_id, grant.client_id.as_str());
            oauth_consents::record(connection, user, client, scope, now).await?;
            oauth_grants::make_room(connection, &grant, now).await?;
            oauth_grants::insert(connection, &grant, &new_code, now).await
        })
        .await?;
    state.metrics.oauth_event("code_granted");
    log::info!(
        "event=oauth_code_granted user={user_id} client={client_id:?} session={session:?} scope=\"{scope}\""
    );
    Ok(code)
}
