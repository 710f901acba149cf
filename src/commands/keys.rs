//! `haoma keys`: lists and rotates the keys that sign JWTs.

use anyhow::Context as _;

use super::{format_time, print};
use crate::{
    domain::{clock::Clock, keys::SecretKey},
    stores::{db::Db, jwt_keys::JwtKeys, tables::signing_keys},
};

/// Prints every key, retired ones too, the oldest first.
pub async fn list(db: &Db) -> anyhow::Result<()> {
    for key in db.read(signing_keys::all).await? {
        let retired = key.retired_at.map(|time| format_time(time.naive_utc()));
        let retired = retired.as_deref().unwrap_or("-");
        let made = format_time(key.created_at.naive_utc());
        let (algorithm, kid) = (key.public.algorithm.as_str(), &key.public.kid);
        let generation = key.generation;
        print(&format!("{generation}  {algorithm}  {kid}  made {made}  retired {retired}"))?;
    }
    Ok(())
}

/// Makes a new key of each algorithm that has one.
///
/// It fails if the `SECRET_KEY` is not the service's, because the service could not use such a key.
pub async fn rotate(db: Db, secret: &SecretKey) -> anyhow::Result<()> {
    let clock = Clock::default();
    let keys = JwtKeys::open_existing(db, secret, clock.clone()).await?.context(
        "there is no key that this SECRET_KEY opens: use the service's own, and start the service \
         once, which makes the first key",
    )?;
    let from = keys.rotate(clock.now()).await?;
    print(&format!("new keys are made; they sign from {} on", format_time(from.naive_utc())))
}
