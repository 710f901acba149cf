//! `haoma user`: what the operator can see of an account and do with it.

use anyhow::Context as _;
use chrono::{NaiveDateTime, Utc};

use super::print;
use crate::{
    domain::mobile::Mobile,
    errors::Error,
    flows::lock_user,
    stores::{
        db::Db,
        dossier::{self, Dossier},
    },
};

/// Prints what there is to know about an account; the number is masked.
pub async fn show(db: &Db, mobile: &str) -> anyhow::Result<()> {
    let mobile = parse(mobile)?;
    let Dossier { account, sessions, .. } = find(db, &mobile).await?;
    let last = account.last_login_at.map_or_else(|| "never".to_owned(), moment);
    print(&format!("mobile        {}", mobile.masked()))?;
    print(&format!("id            {}", account.id))?;
    print(&format!("name          {}", account.name))?;
    print(&format!("status        {}", account.status))?;
    print(&format!("created       {}", moment(account.created_at)))?;
    print(&format!("last sign-in  {last}"))?;
    print(&format!("sessions      {}", sessions.len()))
}

/// Locks an account; all its sessions and tokens end with it.
pub async fn lock(db: &Db, mobile: &str) -> anyhow::Result<()> {
    let mobile = parse(mobile)?;
    let ended = lock_user::lock_user(db, &mobile).await.map_err(said)?;
    print(&format!("{}: locked, {ended} sessions ended", mobile.masked()))
}

/// Lets an account sign in again.
pub async fn unlock(db: &Db, mobile: &str) -> anyhow::Result<()> {
    let mobile = parse(mobile)?;
    lock_user::unlock_user(db, &mobile).await.map_err(said)?;
    print(&format!("{}: active", mobile.masked()))
}

/// Ends every session and token of an account.
pub async fn sign_out(db: &Db, mobile: &str) -> anyhow::Result<()> {
    let mobile = parse(mobile)?;
    let ended = lock_user::sign_out_user(db, &mobile).await.map_err(said)?;
    print(&format!("{}: {ended} sessions ended", mobile.masked()))
}

/// Prints everything that is kept about a person, as JSON, for that person.
pub async fn export(db: &Db, mobile: &str) -> anyhow::Result<()> {
    let dossier = find(db, &parse(mobile)?).await?;
    print(&serde_json::to_string_pretty(&dossier)?)
}

async fn find(db: &Db, mobile: &Mobile) -> anyhow::Result<Dossier> {
    let wanted = mobile.clone();
    let found = db.read(async move |it| dossier::dossier(it, &wanted, Utc::now()).await).await?;
    found.ok_or_else(|| said(Error::NoAccount))
}

fn said(error: Error) -> anyhow::Error {
    if matches!(error, Error::NoAccount) {
        return anyhow::anyhow!("this number has no account");
    }
    error.into()
}

fn parse(mobile: &str) -> anyhow::Result<Mobile> {
    Mobile::parse(mobile).ok().with_context(|| format!("`{mobile}` is not a mobile number"))
}

fn moment(at: NaiveDateTime) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}
