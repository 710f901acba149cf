//! What Haoma adds to `haoma-db`: its errors and its migrations.

use haoma::{
    errors::Error,
    stores::{db::Db, tables::users},
};
use test_support::databases::{new_user, on_each, on_each_url};

#[actix_web::test]
async fn an_error_rolls_everything_back() {
    on_each(async |db| {
        let new = new_user("13800138000", "ada");
        let (id, mobile) = (new.account.id, new.account.mobile.clone());

        let outcome = db
            .write(async move |connection| {
                users::create(connection, &new).await?;
                assert!(users::find_by_mobile(connection, &mobile).await?.is_some());
                Err::<(), _>(Error::SmsCodeGone)
            })
            .await;

        assert!(matches!(outcome, Err(Error::SmsCodeGone)), "{outcome:?}");
        assert_eq!(
            db.read(async move |connection| users::find(connection, id).await)
                .await
                .expect("answers"),
            None
        );
    })
    .await;
}

#[actix_web::test]
async fn pending_migrations_are_named() {
    on_each_url(async |url| {
        let db = Db::open(&url, 2).await.expect("opens");

        let pending = db.pending_migrations().await.expect("answers");

        assert_eq!(
            pending,
            [
                "2026-01-15-090000_create_users",
                "2026-01-15-090100_create_sessions",
                "2026-01-15-090200_create_sms_messages",
                "2026-01-15-090300_create_signing_keys",
                "2026-01-15-090400_create_idempotency_keys",
                "2026-01-15-090500_count_failures",
                "2026-11-21-090000_add_terms_to_users",
                "2026-11-30-090000_make_password_optional",
                "2026-11-30-090100_note_the_last_address_of_sessions",
                "2026-11-30-090200_create_displaced_sessions",
                "2026-11-30-090300_create_sms_events",
                "2026-11-30-100000_tie_idempotency_keys_to_users",
                "2026-11-30-110000_create_known_devices",
                "2026-11-30-120000_note_the_quota_of_messages",
                "2026-11-30-130000_add_verified_at_to_sms_messages",
                "2026-11-30-140000_note_why_sessions_ended",
                "2026-11-30-150000_sign_with_three_algorithms",
                "2026-11-30-160000_note_how_sessions_began",
                "2026-11-30-160100_create_oauth_tables",
            ]
        );
    })
    .await;
}
