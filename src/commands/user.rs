//! `haoma user`: what the operator can see of an account and do with it.

use anyhow::Context as _;
use chrono::{NaiveDateTime, Utc};

use super::print;
use crate::{
    domain::{
        account::{Account, AccountSelector},
        mobile::Mobile,
        name::Name,
    },
    errors::Error,
    flows::lock_user,
    stores::{
        db::Db,
        tables::{user_export, user_export::UserExport, user_search::find_users},
    },
};

/// Accounts that a search shows.
const MOST_FOUND: i64 = 20;

/// The account that a command names, by exactly one of the three.
pub fn selector(
    mobile: Option<&str>,
    id: Option<i64>,
    name: Option<&str>,
) -> anyhow::Result<AccountSelector> {
    match (mobile, id, name) {
        (Some(mobile), None, None) => Ok(AccountSelector::Mobile(parse(mobile)?)),
        (None, Some(id), None) => Ok(AccountSelector::Id(id)),
        (None, None, Some(name)) => {
            let parsed = Name::parse(name).ok();
            Ok(AccountSelector::Name(parsed.with_context(|| format!("`{name}` is not a name"))?))
        }
        _ => anyhow::bail!("name the account by its number, by --id or by --name"),
    }
}

/// Prints what there is to know about an account; the number is masked.
pub async fn show(db: &Db, selector: &AccountSelector) -> anyhow::Result<()> {
    let UserExport { account, sessions, .. } = find(db, selector).await?;
    let last = account.last_login_at.map_or_else(|| "never".to_owned(), moment);
    print(&format!("mobile        {}", Mobile::from_stored(account.mobile).masked()))?;
    print(&format!("id            {}", account.id))?;
    print(&format!("name          {}", account.name))?;
    if let Some(external_id) = &account.external_id {
        print(&format!("external id   {external_id}"))?;
    }
    print(&format!("status        {}", account.status))?;
    if !account.has_password {
        print("password      none")?;
    }
    print(&format!("created       {}", moment(account.created_at)))?;
    print(&format!("last sign-in  {last}"))?;
    print(&format!("sessions      {}", sessions.len()))
}

/// Prints the accounts of this number, id or external id, and those whose names begin like this.
pub async fn search(db: &Db, text: &str) -> anyhow::Result<()> {
    let wanted = text.trim().to_owned();
    anyhow::ensure!(!wanted.is_empty(), "what is looked for is empty");
    let found = db.read(async move |it| find_users(it, &wanted, MOST_FOUND).await).await?;
    anyhow::ensure!(!found.is_empty(), "there is no account of such a number, id or name");
    for (account, external_id) in &found {
        let Account { id, mobile, name, status, .. } = account;
        let external_id = external_id.as_deref().unwrap_or("-");
        let (mobile, status) = (mobile.masked(), status.as_str());
        print(&format!("{id:<16}  {mobile}  {status}  {}  {external_id}", name.as_str()))?;
    }
    if i64::try_from(found.len()).is_ok_and(|count| count == MOST_FOUND) {
        print(&format!("there may be more than these {MOST_FOUND}: type more of the name"))?;
    }
    Ok(())
}

/// Locks an account; all its sessions and tokens end with it.
pub async fn lock(db: &Db, selector: &AccountSelector) -> anyhow::Result<()> {
    let (account, ended) = lock_user::lock_user(db, selector).await.map_err(said)?;
    print(&format!("{}: locked, {ended} sessions ended", account.mobile.masked()))
}

/// Lets an account sign in again.
pub async fn unlock(db: &Db, selector: &AccountSelector) -> anyhow::Result<()> {
    let account = lock_user::unlock_user(db, selector).await.map_err(said)?;
    print(&format!("{}: active", account.mobile.masked()))
}

/// Ends every session and token of an account.
pub async fn sign_out(db: &Db, selector: &AccountSelector) -> anyhow::Result<()> {
    let (account, ended) = lock_user::sign_out_user(db, selector).await.map_err(said)?;
    print(&format!("{}: {ended} sessions ended", account.mobile.masked()))
}

/// Deletes an account for good; without `is_meant` it only shows which one that would be.
pub async fn delete(db: &Db, selector: &AccountSelector, is_meant: bool) -> anyhow::Result<()> {
    if !is_meant {
        show(db, selector).await?;
        anyhow::bail!("nothing was deleted: add --yes to delete this account for good");
    }
    let account = lock_user::delete_user(db, selector).await.map_err(said)?;
    print(&format!("{}: deleted", account.mobile.masked()))
}

/// Prints everything that is kept about a person, as JSON, for that person.
pub async fn export(db: &Db, selector: &AccountSelector) -> anyhow::Result<()> {
    let dossier = find(db, selector).await?;
    print(&serde_json::to_string_pretty(&dossier)?)
}

async fn find(db: &Db, selector: &AccountSelector) -> anyhow::Result<UserExport> {
    let wanted = selector.clone();
    let found =
        db.read(async move |it| user_export::export_user(it, &wanted, Utc::now()).await).await?;
    found.ok_or_else(|| said(Error::NoAccount))
}

fn said(error: Error) -> anyhow::Error {
    if matches!(error, Error::NoAccount) {
        return anyhow::anyhow!("no account has this number, id or name");
    }
    error.into()
}

fn parse(mobile: &str) -> anyhow::Result<Mobile> {
    Mobile::parse(mobile).ok().with_context(|| format!("`{mobile}` is not a mobile number"))
}

fn moment(at: NaiveDateTime) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}
