//! `haoma client`: registers the applications that people sign in to with their account here.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, anyhow, bail, ensure};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use rand::Rng as _;
use url::Url;
use uuid::Uuid;

use super::{format_time, print};
use crate::{
    domain::{
        clock::Clock,
        jwk,
        keys::SecretKey,
        oauth::{
            client::{ClientAuth, OauthClient},
            redirect_uri,
            token::{OpaqueToken, TokenUse},
        },
        signing_algorithm::SigningAlgorithm,
    },
    stores::{
        db::{Connection, Db},
        jwt_keys::JwtKeys,
        tables::oauth_clients,
    },
};

/// How long the old secret is accepted beside the new one.
const SECRETS_OVERLAP: TimeDelta = TimeDelta::days(1);

/// What an operator says about a new client.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// What people call it.
    pub name: String,
    /// Its `client_id`; `None` makes one.
    pub id: Option<String>,
    /// Where people may be sent back to.
    pub redirect_uris: Vec<String>,
    /// Where people may be sent to after signing out.
    pub post_logout_redirect_uris: Vec<String>,
    /// Where it is told that a session has ended.
    pub back_channel_logout_uri: Option<String>,
    /// What its ID tokens are signed with.
    pub algorithm: SigningAlgorithm,
    /// Whether it is the operator's own.
    pub is_own: bool,
    /// Whether it can keep no secret.
    pub is_public: bool,
    /// A file with its public keys, where it has no secret.
    pub jwks: Option<PathBuf>,
    /// Whether it gets a `sub` that no other client gets.
    pub is_pairwise: bool,
}

/// Registers a client, and prints its id and its secret, which is shown only once.
pub async fn add(db: Db, secret_key: &SecretKey, new: NewClient) -> anyhow::Result<()> {
    let jwks = new.jwks.as_ref().map(fs::read_to_string).transpose();
    let jwks = jwks.context("the file of --jwks cannot be read")?;
    let secret = OpaqueToken::random(TokenUse::ClientSecret);
    let clients = db.read(oauth_clients::all).await?;
    let client = to_client(&new, jwks.as_deref(), &secret, &clients)?;
    make_key(&db, secret_key, client.algorithm).await?;
    let stored = client.clone();
    let is_new = db
        .write(async move |connection: &mut Connection| {
            oauth_clients::insert(connection, &stored, jwks.as_deref()).await
        })
        .await?;
    ensure!(is_new, "there is a client `{}` already", client.id);
    print(&format!("client_id      {}", client.id))?;
    if client.auth == ClientAuth::Secret {
        print(&format!("client_secret  {}", secret.as_str()))?;
        print("The secret is shown only this once.")?;
    }
    Ok(())
}

/// Prints every client, the oldest first.
pub async fn list(db: &Db) -> anyhow::Result<()> {
    for client in db.read(oauth_clients::all).await? {
        let own = if client.is_own { "own" } else { "-" };
        let (auth, algorithm) = (client.auth.as_str(), client.algorithm.as_str());
        print(&format!("{}  {}  {auth}  {algorithm}  {own}", client.id, client.name))?;
    }
    Ok(())
}

/// Prints what is registered of a client.
pub async fn show(db: &Db, id: &str) -> anyhow::Result<()> {
    let client = find(db, id).await?;
    print(&format!("client_id                {}", client.id))?;
    print(&format!("name                     {}", client.name))?;
    print(&format!("authentication           {}", client.auth.as_str()))?;
    print(&format!("algorithm                {}", client.algorithm.as_str()))?;
    print(&format!("own                      {}", if client.is_own { "yes" } else { "no" }))?;
    let subject = if client.pairwise_salt.is_some() { "pairwise" } else { "the account's id" };
    print(&format!("sub                      {subject}"))?;
    for uri in &client.redirect_uris {
        print(&format!("redirect URI             {uri}"))?;
    }
    for uri in &client.post_logout_redirect_uris {
        print(&format!("post-logout redirect URI {uri}"))?;
    }
    if let Some(uri) = &client.back_channel_logout_uri {
        print(&format!("back-channel logout URI  {uri}"))?;
    }
    if let Some((_, until)) = &client.previous_secret {
        print(&format!("old secret good until    {}", format_time(until.naive_utc())))?;
    }
    print(&format!("registered               {}", format_time(client.created_at.naive_utc())))
}

/// Gives a client a new secret, and prints it. The old one is accepted for another day.
pub async fn rotate_secret(db: &Db, id: &str) -> anyhow::Result<()> {
    let client = find(db, id).await?;
    ensure!(client.auth == ClientAuth::Secret, "the client `{id}` has no secret");
    let secret = OpaqueToken::random(TokenUse::ClientSecret);
    let (hash, until) = (secret.hash(), Clock::default().now() + SECRETS_OVERLAP);
    db.write(async move |connection: &mut Connection| {
        oauth_clients::replace_secret(connection, &client.id, &hash, until).await
    })
    .await?;
    print(&format!("client_secret  {}", secret.as_str()))?;
    print(&format!("The old secret is good until {}.", format_time(until.naive_utc())))
}

/// Deletes a client with everything that it was granted.
pub async fn remove(db: &Db, id: &str) -> anyhow::Result<()> {
    let owned = id.to_owned();
    let remove =
        async move |connection: &mut Connection| oauth_clients::delete(connection, &owned).await;
    ensure!(db.write(remove).await?, "there is no client `{id}`");
    print(&format!("{id}: removed, and its tokens have ended"))
}

async fn find(db: &Db, id: &str) -> anyhow::Result<OauthClient> {
    let owned = id.to_owned();
    let found = db
        .read(async move |connection: &mut Connection| {
            oauth_clients::find(connection, &owned).await
        })
        .await?;
    found.with_context(|| format!("there is no client `{id}`"))
}

fn to_client(
    new: &NewClient,
    jwks: Option<&str>,
    secret: &OpaqueToken,
    others: &[OauthClient],
) -> anyhow::Result<OauthClient> {
    let name = new.name.trim();
    ensure!(!name.is_empty() && name.chars().count() <= 64, "the name has 1 to 64 characters");
    let id = new.id.clone().unwrap_or_else(|| Uuid::new_v4().simple().to_string());
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-._~".contains(letter);
    ensure!(
        (1..=64).contains(&id.len()) && id.chars().all(is_plain),
        "the id has 1 to 64 letters, digits and `-._~`"
    );
    ensure!(!new.redirect_uris.is_empty(), "name at least one --redirect-uri");
    let to_follow = new.back_channel_logout_uri.iter();
    let uris = new.redirect_uris.iter().chain(&new.post_logout_redirect_uris).chain(to_follow);
    for uri in uris {
        if let Some(problem) = redirect_uri::problem(uri) {
            bail!("`{uri}` cannot be registered: {problem}");
        }
    }
    ensure!(
        jwks.is_none_or(|jwks| jwks.len() <= 4096),
        "the file of --jwks has more than 4096 bytes"
    );
    let length = |uris: &[String]| uris.iter().map(|uri| uri.len() + 3).sum::<usize>();
    ensure!(
        length(&new.redirect_uris) <= 4000 && length(&new.post_logout_redirect_uris) <= 2000,
        "the redirect URIs are longer than 4000 bytes together, or the others than 2000"
    );
    let has_web = |uri: &String| uri.starts_with("http") && uri.len() <= 1024;
    ensure!(
        new.back_channel_logout_uri.as_ref().is_none_or(has_web),
        "the back-channel logout URI is an https address of at most 1024 bytes"
    );
    let keys = jwks.map(jwk::parse_set).transpose();
    let keys = keys.map_err(|error| anyhow!("the file of --jwks cannot be used: {error}"))?;
    let auth = match (new.is_public, &keys) {
        (true, Some(_)) => bail!("--public and --jwks exclude each other"),
        (true, None) => ClientAuth::None,
        (false, Some(_)) => ClientAuth::PrivateKeyJwt,
        (false, None) => ClientAuth::Secret,
    };
    Ok(OauthClient {
        id,
        name: name.to_owned(),
        auth,
        secret_hash: (auth == ClientAuth::Secret).then(|| secret.hash()),
        previous_secret: None,
        keys: keys.unwrap_or_default(),
        redirect_uris: new.redirect_uris.clone(),
        post_logout_redirect_uris: new.post_logout_redirect_uris.clone(),
        back_channel_logout_uri: new.back_channel_logout_uri.clone(),
        algorithm: new.algorithm,
        is_own: new.is_own,
        pairwise_salt: if new.is_pairwise { Some(salt(&new.redirect_uris, others)?) } else { None },
        created_at: Clock::default().now(),
    })
}

/// Returns the salt of clients on the same host, which know people by the same `sub` (OpenID Connect Core 1.0, 8.1), or a
/// new one.
fn salt(redirect_uris: &[String], others: &[OauthClient]) -> anyhow::Result<String> {
    let sector =
        sector(redirect_uris).context("with --pairwise all redirect URIs are on one host")?;
    let is_near = |other: &&OauthClient| self::sector(&other.redirect_uris) == Some(sector.clone());
    let known = others.iter().filter(is_near).find_map(|other| other.pairwise_salt.clone());
    let random = || BASE64_URL_SAFE_NO_PAD.encode(rand::rng().random::<[u8; 32]>());
    Ok(known.unwrap_or_else(random))
}

fn sector(redirect_uris: &[String]) -> Option<String> {
    let host = |uri: &String| Url::parse(uri).ok()?.host_str().map(str::to_owned);
    let mut hosts = redirect_uris.iter().map(host);
    let first = hosts.next()??;
    hosts.all(|host| host.as_ref() == Some(&first)).then_some(first)
}

/// Makes the key that the client's ID tokens are signed with, if there is none of its algorithm.
async fn make_key(
    db: &Db,
    secret_key: &SecretKey,
    algorithm: SigningAlgorithm,
) -> anyhow::Result<()> {
    let keys = JwtKeys::open_existing(db.clone(), secret_key, Clock::default()).await?.context(
        "there is no key that this SECRET_KEY opens: use the service's own, and start the service \
         once, which makes the first key",
    )?;
    Ok(keys.ensure(algorithm).await?)
}
