//! Makes the tokens of a grant.

use chrono::{DateTime, Utc};

use crate::{
    domain::oauth::{
        scope::Scope,
        token::{OpaqueToken, TokenUse},
    },
    errors::Error,
    stores::{
        db::Connection,
        tables::{
            oauth_grants,
            oauth_grants::Grant,
            oauth_tokens,
            oauth_tokens::{ACCESS_LIFETIME, FoundToken, REFRESH_LIFETIME},
        },
    },
};

/// Tokens that a client gets.
#[derive(Clone, Debug)]
pub struct IssuedTokens {
    /// The access token.
    pub access: OpaqueToken,
    /// The refresh token, if the client may act after the session has ended.
    pub refresh: Option<OpaqueToken>,
    /// The ID token, if `openid` is granted.
    pub id_token: Option<String>,
    /// What the access token is good for.
    pub scope: Scope,
}

/// Records an access token, and a refresh token where the grant outlives its session. Returns `None` if the account is
/// locked or gone, or the session has ended.
pub(super) async fn issue_tokens(
    connection: &mut Connection,
    grant: &Grant,
    scope: Scope,
    now: DateTime<Utc>,
) -> Result<Option<(IssuedTokens, FoundToken)>, Error> {
    let access = OpaqueToken::random(TokenUse::Access);
    let refresh = grant.is_offline().then(|| OpaqueToken::random(TokenUse::Refresh));
    let mut until = now + ACCESS_LIFETIME;
    let of_access = (&access, TokenUse::Access);
    oauth_tokens::insert(connection, of_access, (&grant.id, scope), now, until).await?;
    if let Some(refresh) = &refresh {
        until = now + REFRESH_LIFETIME;
        let (of_refresh, all) = ((refresh, TokenUse::Refresh), (grant.id.as_str(), grant.scope));
        oauth_tokens::insert(connection, of_refresh, all, now, until).await?;
    }
    oauth_grants::extend(connection, &grant.id, until).await?;
    let found = oauth_tokens::find(connection, of_access, now).await?;
    let issued = IssuedTokens { access, refresh, id_token: None, scope };
    Ok(found.map(|found| (issued, found)))
}
