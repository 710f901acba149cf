//! An account as programs see it.

use serde::Serialize;

use super::envelope::timestamp;
use crate::domain::account::Account;

/// The JSON of an account. The number is masked, because its owner knows it (R110).
#[derive(Debug, Serialize)]
pub struct AccountData {
    id: i64,
    mobile: String,
    name: String,
    avatar_url: Option<String>,
    created_at: String,
}

impl From<&Account> for AccountData {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id,
            mobile: account.mobile.masked(),
            name: account.name.as_str().to_owned(),
            avatar_url: account.avatar_url.clone(),
            created_at: timestamp(account.created_at),
        }
    }
}
