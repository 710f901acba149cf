//! `haoma keys`: what signs JWTs.

use anyhow::Context as _;
use chrono::{DateTime, Utc};

use super::print;
use crate::{
    domain::{clock::Clock, keys::SecretKey},
    stores::{db::Db, jwt_keys::JwtKeys, tables::signing_keys},
};

/// Prints every key there was, the oldest first.
pub async fn list(db: &Db) -> anyhow::Result<()> {
    for key in db.read(signing_keys::all).await? {
        let retired = key.retired_at.map_or_else(|| "-".to_owned(), written);
        let made = written(key.created_at);
        print(&format!("{}  {}  made {made}  retired {retired}", key.generation, key.public.kid))?;
    }
    Ok(())
}

/// Makes a new key.
///
/// A terminal with another `SECRET_KEY` than the service's would make one that the service cannot use.
pub async fn rotate(db: Db, secret: &SecretKey) -> anyhow::Result<()> {
    let clock = Clock::default();
    let keyring = JwtKeys::known(db, secret, clock.clone()).await?.context(
        "there is no key that this SECRET_KEY opens: use the service's own, and start the service \
         once, which makes the first key",
    )?;
    let from = keyring.rotate(clock.now()).await?;
    print(&format!("a new key is made; it signs from {} on", written(from)))
}

fn written(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}
