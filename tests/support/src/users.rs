//! Rows of users that a test looks at.

use haoma::{domain::mobile::Mobile, stores::tables::users};

use crate::app::TestApp;

/// The hash of somebody's password as it is stored.
pub async fn stored_hash(haoma: &TestApp, mobile: &str) -> String {
    let mobile = Mobile::from_stored(mobile.to_owned());
    let found =
        haoma.state.db.read(async move |it| users::credentials_by_mobile(it, &mobile).await).await;
    found.expect("answers").expect("an account").1.expect("a hash")
}
