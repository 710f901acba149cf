//! Reads rows of users.

use haoma::{domain::mobile::Mobile, stores::tables::credentials};

use crate::app::TestApp;

/// Returns the stored password hash of a user.
pub async fn stored_hash(app: &TestApp, mobile: &str) -> String {
    let mobile = Mobile::from_stored(mobile.to_owned());
    let found = app
        .state
        .db
        .read(async move |connection| credentials::by_mobile(connection, &mobile, None).await)
        .await;
    found.expect("answers").expect("an account").password_hash.expect("a hash")
}
