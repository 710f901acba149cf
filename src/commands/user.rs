//! `haoma user`: shows, locks, exports and deletes accounts.

use anyhow::Context as _;
use chrono::Utc;

use super::{format_time, parse_mobile, print};
use crate::{
    domain::{
        account::{Account, AccountSelector},
        mobile::Mobile,
        name::Name,
    },
    errors::Error,
    flows::lock_user,
    stores::{
        db::{Connection, Db},
        tables::{user_export, user_export::UserExport, user_search::find_users},
    },
};

/// How many accounts a search shows.
const MAX_FOUND: i64 = 20;

/// Makes the selector of an account from exactly one of the three arguments.
pub fn selector(
    mobile: Option<&str>,
    id: Option<i64>,
    name: Option<&str>,
) -> anyhow::Result<AccountSelector> {
    match (mobile, id, name) {
        (Some(mobile), None, None) => Ok(AccountSelector::Mobile(parse_mobile(mobile)?)),
        (None, Some(id), None) => Ok(AccountSelector::Id(id)),
        (None, None, Some(name)) => {
            let parsed = Name::existing(name).ok();
            Ok(AccountSelector::Name(parsed.with_context(|| format!("`{name}` is not a name"))?))
        }
        _ => anyhow::bail!("name the account by its number, by --id or by --name"),
    }
}

/// Prints an account, with its number masked.
pub async fn show(db: &Db, selector: &AccountSelector) -> anyhow::Result<()> {
    let UserExport { account, sessions, .. } = find(db, selector).await?;
    let last = account.last_login_at.map_or_else(|| "never".to_owned(), format_time);
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
    print(&format!("created       {}", format_time(account.created_at)))?;
    print(&format!("last sign-in  {last}"))?;
    print(&format!("sessions      {}", sessions.len()))
}

/// Prints the accounts with this number, id or external id, and those whose names begin with this text.
pub async fn search(db: &Db, text: &str) -> anyhow::Result<()> {
    let wanted = text.trim().to_owned();
    anyhow::ensure!(!wanted.is_empty(), "the text to look for is empty");
    let found = db.read(async move |conn| find_users(conn, &wanted, MAX_FOUND).await).await?;
    anyhow::ensure!(!found.is_empty(), "no account has such a number, id or name");
    for (account, external_id) in &found {
        let Account { id, mobile, name, status, .. } = account;
        let external_id = external_id.as_deref().unwrap_or("-");
        let (mobile, status) = (mobile.masked(), status.as_str());
        print(&format!("{id:<16}  {mobile}  {status}  {}  {external_id}", name.as_str()))?;
    }
    if i64::try_from(found.len()).is_ok_and(|count| count == MAX_FOUND) {
        print(&format!("there may be more than these {MAX_FOUND}: type more of the name"))?;
    }
    Ok(())
}

/// Locks an account and ends all its sessions and tokens.
pub async fn lock(db: &Db, selector: &AccountSelector) -> anyhow::Result<()> {
    let (account, ended) = lock_user::lock_user(db, selector).await.map_err(to_message)?;
    print(&format!("{}: locked, {ended} sessions ended", account.mobile.masked()))
}

/// Lets an account sign in again.
pub async fn unlock(db: &Db, selector: &AccountSelector) -> anyhow::Result<()> {
    let account = lock_user::unlock_user(db, selector).await.map_err(to_message)?;
    print(&format!("{}: active", account.mobile.masked()))
}

/// Ends every session and token of an account.
pub async fn sign_out(db: &Db, selector: &AccountSelector) -> anyhow::Result<()> {
    let (account, ended) = lock_user::sign_out_user(db, selector).await.map_err(to_message)?;
    print(&format!("{}: {ended} sessions ended", account.mobile.masked()))
}

/// Deletes an account for good. Without `is_confirmed` it only shows which account that would be.
pub async fn delete(db: &Db, selector: &AccountSelector, is_confirmed: bool) -> anyhow::Result<()> {
    if !is_confirmed {
        show(db, selector).await?;
        anyhow::bail!("nothing was deleted: add --yes to delete this account for good");
    }
    let account = lock_user::delete_user(db, selector).await.map_err(to_message)?;
    print(&format!("{}: deleted", account.mobile.masked()))
}

/// Prints everything that is stored about a person, as JSON, to be handed to that person.
pub async fn export(db: &Db, selector: &AccountSelector) -> anyhow::Result<()> {
    let export = find(db, selector).await?;
    print(&serde_json::to_string_pretty(&export)?)
}

async fn find(db: &Db, selector: &AccountSelector) -> anyhow::Result<UserExport> {
    let wanted = selector.clone();
    let export = async move |conn: &mut Connection| {
        user_export::export_user(conn, &wanted, Utc::now()).await
    };
    db.read(export).await?.ok_or_else(|| to_message(Error::NoAccount))
}

fn to_message(error: Error) -> anyhow::Error {
    if matches!(error, Error::NoAccount) {
        return anyhow::anyhow!("no account has this number, id or name");
    }
    error.into()
}
