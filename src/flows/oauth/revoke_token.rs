//! Revokes a token (RFC 7009), and tells what one is good for (RFC 7662).

use crate::{
    domain::oauth::{
        client::OauthClient,
        token::{OpaqueToken, TokenUse},
    },
    errors::Error,
    flows::State,
    stores::{
        db::Connection,
        tables::{oauth_grants, oauth_tokens, oauth_tokens::FoundToken},
    },
};

/// Revokes a token of this client. With a refresh token its whole sign-in ends. An unknown token, or one of another
/// client, is left alone.
pub async fn revoke_token(state: &State, client: &OauthClient, text: &str) -> Result<(), Error> {
    let Some((token, token_use)) = parse(text) else { return Ok(()) };
    let (client_id, now) = (client.id.clone(), state.clock.now());
    let revoke = async move |connection: &mut Connection| {
        let found = oauth_tokens::find(connection, (&token, token_use), now).await?;
        let Some(FoundToken { grant, .. }) =
            found.filter(|found| found.grant.client_id == client_id)
        else {
            return Ok(None);
        };
        match token_use {
            TokenUse::Refresh => oauth_grants::delete(connection, &grant.id).await?,
            TokenUse::Access | TokenUse::Code | TokenUse::ClientSecret => {
                oauth_tokens::delete(connection, &token).await?;
            }
        }
        Ok(Some(grant.user_id))
    };
    if let Some(user) = state.db.write(revoke).await? {
        state.metrics.oauth_event("revoked");
        log::info!("event=oauth_token_revoked user={user} client={:?}", client.id);
    }
    Ok(())
}

/// Returns what a good token belongs to, if this client may know. A client of the operator's own may ask about the tokens
/// of all clients, as a gateway does; others only about their own.
pub async fn introspect(
    state: &State,
    client: &OauthClient,
    text: &str,
) -> Result<Option<(TokenUse, FoundToken)>, Error> {
    let Some((token, token_use)) = parse(text) else { return Ok(None) };
    let now = state.clock.now();
    let find = async move |connection: &mut Connection| {
        oauth_tokens::find(connection, (&token, token_use), now).await
    };
    let found = state.db.read(find).await?.filter(|found| !found.is_used);
    let found = found.filter(|found| client.is_own || found.grant.client_id == client.id);
    Ok(found.map(|found| (token_use, found)))
}

fn parse(text: &str) -> Option<(OpaqueToken, TokenUse)> {
    let as_use = |token_use| Some((OpaqueToken::parse(token_use, text)?, token_use));
    as_use(TokenUse::Access).or_else(|| as_use(TokenUse::Refresh))
}
