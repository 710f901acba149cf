//! Accounts on both databases.

use std::iter;

use futures_util::future::join_all;
use haoma::{
    domain::{account::Status, mobile::Mobile, name::Name},
    errors::Error,
    stores::{
        db::{Db, RunQueryDsl as _},
        tables::{credentials, users, users::NewUser},
    },
};
use test_support::databases::{new_user, now, on_each, registered};

async fn create(db: &Db, new: NewUser) -> Result<(), Error> {
    db.write(async move |connection| users::create(connection, &new).await).await
}

#[actix_web::test]
async fn an_account_is_read_as_it_was_written() {
    on_each(async |db| {
        let mut new = new_user("13800138000", "小明");
        new.account.avatar_url = Some("https://example.com/é.png".to_owned());
        let account = new.account.clone();
        create(&db, new).await.expect("created");

        let (id, mobile, name) = (account.id, account.mobile.clone(), account.name.clone());
        let found = db
            .read(async move |connection| {
                assert_eq!(
                    users::find_by_mobile(connection, &mobile).await?,
                    users::find(connection, id).await?
                );
                let by_name = credentials::by_name(connection, &name, None).await?;
                assert_eq!(by_name.map(|found| found.account), users::find(connection, id).await?);
                credentials::by_name(connection, &name, None).await
            })
            .await
            .expect("found");

        let found = found.expect("an account");
        assert_eq!((found.account, found.password_hash), (account, Some("hash".to_owned())));
    })
    .await;
}

#[actix_web::test]
async fn an_unknown_account_is_none_and_no_error() {
    on_each(async |db| {
        let (by_id, by_mobile, by_name) = db
            .read(async |connection| {
                let mobile = Mobile::from_stored("13800138000".to_owned());
                let name = Name::from_stored("ada".to_owned());
                let by_mobile = users::find_by_mobile(connection, &mobile).await?;
                let by_name = credentials::by_name(connection, &name, None).await?;
                Ok((
                    users::find(connection, 1).await?,
                    by_mobile,
                    by_name.map(|found| found.account),
                ))
            })
            .await
            .expect("answers");

        assert_eq!((by_id, by_mobile, by_name), (None, None, None));
    })
    .await;
}

#[actix_web::test]
async fn a_mobile_is_unique_byte_by_byte() {
    on_each(async |db| {
        let spellings = [
            "13800138000",
            "13800138000 ",
            " 13800138000",
            "１３８００１３８０００",
            "1380013800０",
            "١٣٨٠٠١٣٨٠٠٠",
            "138\u{200b}00138000",
            "a",
            "A",
        ];
        for (index, mobile) in spellings.iter().enumerate() {
            registered(&db, mobile, &format!("name-{index}")).await;
        }

        for (index, mobile) in spellings.iter().enumerate() {
            let again = create(&db, new_user(mobile, &format!("other-{index}"))).await;
            assert!(matches!(again, Err(Error::MobileTaken)), "{mobile:?}: {again:?}");
            let mobile = Mobile::from_stored((*mobile).to_owned());
            let found = db
                .read(async move |connection| users::find_by_mobile(connection, &mobile).await)
                .await;
            let name = found.expect("answers").expect("found").name;
            assert_eq!(name.as_str(), format!("name-{index}"));
        }
    })
    .await;
}

#[actix_web::test]
async fn a_taken_name_and_a_taken_mobile_are_different_errors() {
    on_each(async |db| {
        // MySQL's message quotes the name, which here looks like the index of the other column.
        for name in ["ada", "users_mobile_key", "users.mobile"] {
            let mobile = format!("1{name}").chars().take(20).collect::<String>();
            registered(&db, &mobile, name).await;

            let same_name = create(&db, new_user("13900139000", name)).await;
            let same_mobile = create(&db, new_user(&mobile, "eve")).await;
            let same_both = create(&db, new_user(&mobile, name)).await;

            assert!(matches!(same_name, Err(Error::NameTaken)), "{same_name:?}");
            assert!(matches!(same_mobile, Err(Error::MobileTaken)), "{same_mobile:?}");
            assert!(matches!(same_both, Err(Error::MobileTaken)), "{same_both:?}");
        }
    })
    .await;
}

#[actix_web::test]
async fn of_fifty_who_register_one_number_at_once_one_succeeds() {
    on_each(async |db| {
        let db = &db;
        let all =
            (0..50).map(|index| create(db, new_user("13800138000", &format!("name-{index}"))));
        let outcomes = join_all(all).await;

        let created = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        let taken =
            outcomes.iter().filter(|outcome| matches!(outcome, Err(Error::MobileTaken))).count();
        assert_eq!((created, taken), (1, 49), "{outcomes:?}");
    })
    .await;
}

#[actix_web::test]
async fn a_renewed_hash_never_overwrites_a_newer_password() {
    on_each(async |db| {
        let id = registered(&db, "13800138000", "ada").await.id;

        let replaced = db
            .write(async move |connection| {
                let first = users::replace_password_hash(connection, id, "hash", "better").await?;
                Ok((first, users::replace_password_hash(connection, id, "hash", "worse").await?))
            })
            .await
            .expect("answers");
        let name = Name::from_stored("ada".to_owned());
        let stored = db
            .read(async move |connection| credentials::by_name(connection, &name, None).await)
            .await;

        assert_eq!(replaced, (true, false));
        assert_eq!(
            stored.expect("answers").expect("found").password_hash.as_deref(),
            Some("better")
        );
    })
    .await;
}

#[actix_web::test]
async fn a_sign_in_is_recorded() {
    on_each(async |db| {
        let id = registered(&db, "13800138000", "ada").await.id;

        db.write(async move |connection| users::set_last_login(connection, id, now()).await)
            .await
            .expect("noted");

        let noted = "UPDATE users SET status = 'locked' WHERE last_login_at >= created_at";
        let rows = db
            .write(async move |connection| Ok(diesel::sql_query(noted).execute(connection).await?))
            .await;
        assert_eq!(rows.expect("answers"), 1);
        let status = db
            .read(async move |connection| users::find(connection, id).await)
            .await
            .expect("answers");
        assert_eq!(status.expect("found").status, Status::Locked);
    })
    .await;
}

#[test]
fn ids_are_below_two_to_the_53() {
    assert!(iter::repeat_with(users::random_id).take(1000).all(|id| (1..1 << 53).contains(&id)));
}
