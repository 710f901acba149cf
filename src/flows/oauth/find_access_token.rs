//! Looks up an access token.

use crate::{
    domain::oauth::{
        client::OauthClient,
        token::{OpaqueToken, TokenUse},
    },
    errors::Error,
    flows::State,
    stores::{
        db::Connection,
        tables::{oauth_clients, oauth_tokens, oauth_tokens::FoundToken},
    },
};

/// Returns what a good access token belongs to, and its client.
pub async fn find_access_token(
    state: &State,
    token: &str,
) -> Result<Option<(FoundToken, OauthClient)>, Error> {
    let Some(token) = OpaqueToken::parse(TokenUse::Access, token) else { return Ok(None) };
    let now = state.clock.now();
    let find = async move |connection: &mut Connection| {
        let of_access = (&token, TokenUse::Access);
        let Some(found) = oauth_tokens::find(connection, of_access, now).await? else {
            return Ok(None);
        };
        let client = oauth_clients::find(connection, &found.grant.client_id).await?;
        Ok(client.map(|client| (found, client)))
    };
    state.db.read(find).await
}
