//! Looks up an access token.

use crate::{
    domain::oauth::token::{OpaqueToken, TokenUse},
    errors::Error,
    flows::State,
    stores::tables::{oauth_tokens, oauth_tokens::FoundToken},
};

/// Returns what a good access token belongs to.
pub async fn find_access_token(state: &State, token: &str) -> Result<Option<FoundToken>, Error> {
    let Some(token) = OpaqueToken::parse(TokenUse::Access, token) else { return Ok(None) };
    let now = state.clock.now();
    let find = async move |connection: &mut _| {
        oauth_tokens::find(connection, (&token, TokenUse::Access), now).await
    };
    state.db.read(find).await
}
