//! Sessions on both databases.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use haoma::stores::{
    db::{Connection, Db},
    tables::{
        sessions,
        sessions::{Kind, ListedSession, Lookup, NewSession, SessionKey, SessionLimits},
        users,
    },
};
use test_support::databases::{now, on_each, registered};

use super::fixtures::{LIFETIMES, LIMITS, begin, begin_session, execute, live, session};

fn hours(hours: i64) -> TimeDelta {
    TimeDelta::hours(hours)
}

async fn begin_token(db: &Db, user_id: i64, at: DateTime<Utc>) -> SessionKey {
    begin_session(db, NewSession { kind: Kind::Token, ..session(user_id, true) }, at).await
}

async fn list(db: &Db, user_id: i64, at: DateTime<Utc>) -> Vec<ListedSession> {
    db.read(async move |connection| sessions::list(connection, user_id, at, LIFETIMES).await)
        .await
        .expect("answers")
}

async fn touch(db: &Db, key: &SessionKey, at: DateTime<Utc>) -> bool {
    let key = key.clone();
    db.write(async move |connection| {
        sessions::touch(connection, &key.hash(), Some("198.51.100.7"), at).await
    })
    .await
    .expect("answers")
}

#[actix_web::test]
async fn a_session_has_its_user_and_hides_its_key() {
    on_each(async |db| {
        let (account, at) = (registered(&db, "13800138000", "ada").await, now());
        let key = begin(&db, account.id, true, at).await;

        let session = live(&db, &key, at).await.expect("live");
        let sent_back = SessionKey::parse(key.as_str()).expect("a key");

        assert_eq!(session.account, account);
        assert_eq!((session.kind, session.remember), (Kind::Session, true));
        assert_eq!((session.signed_in_at, session.last_seen_at), (at, at));
        assert_eq!(live(&db, &sent_back, at).await, Some(session));
        assert_eq!(format!("{key:?}"), "SessionKey(***)");
        assert_eq!(key.as_str().len(), 43);
        assert_eq!(SessionKey::parse("short"), None);
        let other = SessionKey::parse(&"A".repeat(43)).expect("a key");
        assert_eq!(live(&db, &other, at).await, None);
    })
    .await;
}

#[actix_web::test]
async fn a_session_expires_when_idle_and_at_its_maximum_age() {
    on_each(async |db| {
        let (id, start) = (registered(&db, "13800138000", "ada").await.id, now());
        for (remember, idle, absolute) in [(false, 2, 12), (true, 168, 720)] {
            let key = begin(&db, id, remember, start).await;
            let second = TimeDelta::seconds(1);

            assert!(live(&db, &key, start + hours(idle) - second).await.is_some());
            assert!(live(&db, &key, start + hours(idle)).await.is_none());

            assert!(touch(&db, &key, start + hours(absolute) - second * 2).await);
            assert!(live(&db, &key, start + hours(absolute) - second).await.is_some());
            assert!(live(&db, &key, start + hours(absolute)).await.is_none());
        }
    })
    .await;
}

#[actix_web::test]
async fn the_last_use_of_a_session_is_written_once_a_minute() {
    on_each(async |db| {
        let (id, start) = (registered(&db, "13800138000", "ada").await.id, now());
        let key = begin(&db, id, false, start).await;
        let (early, due) = (start + TimeDelta::seconds(59), start + TimeDelta::seconds(60));

        let session = live(&db, &key, start).await.expect("live");
        assert!(!session.needs_touch(early) && session.needs_touch(due));
        assert!(!touch(&db, &key, early).await);
        assert!(touch(&db, &key, due).await);
        assert!(!touch(&db, &key, due).await);

        assert_eq!(live(&db, &key, due).await.expect("live").last_seen_at, due);
        let listed = list(&db, id, due).await;
        assert_eq!(listed[0].last_address, "198.51.100.7");
        assert_eq!(listed[0].address, "2001:db8::1", "that of the sign-in stays");
    })
    .await;
}

#[actix_web::test]
async fn a_locked_account_has_no_live_session() {
    on_each(async |db| {
        let (id, at) = (registered(&db, "13800138000", "ada").await.id, now());
        let key = begin(&db, id, false, at).await;

        execute(&db, "UPDATE users SET status = 'locked'").await;
        assert_eq!(live(&db, &key, at).await, None);

        execute(&db, "DELETE FROM users").await;
        assert!(list(&db, id, at).await.is_empty());
    })
    .await;
}

#[actix_web::test]
async fn an_ended_session_is_not_found() {
    on_each(async |db| {
        let (ada, at) = (registered(&db, "13800138000", "ada").await.id, now());
        let eve = registered(&db, "13900139000", "eve").await.id;
        let key = begin(&db, ada, false, at).await;

        for _ in 0..2 {
            let key = key.clone();
            db.write(async move |connection| sessions::delete(connection, &key.hash()).await)
                .await
                .expect("is idempotent");
        }
        assert_eq!(live(&db, &key, at).await, None);

        let key = begin(&db, ada, false, at).await;
        let public_id = live(&db, &key, at).await.expect("live").public_id;
        let revoke = async |user| {
            let id = public_id.clone();
            db.write(async move |connection| {
                sessions::delete_by_public_id(connection, user, &id).await
            })
            .await
            .expect("answers")
        };
        assert!(!revoke(eve).await);
        assert!(live(&db, &key, at).await.is_some());
        assert!(revoke(ada).await);
        assert_eq!(live(&db, &key, at).await, None);
    })
    .await;
}

#[actix_web::test]
async fn all_sessions_or_all_but_one_end_at_once() {
    on_each(async |db| {
        let (ada, at) = (registered(&db, "13800138000", "ada").await.id, now());
        let eve = registered(&db, "13900139000", "eve").await.id;
        let eves = begin(&db, eve, false, at).await;
        let kept = begin(&db, ada, false, at).await;
        let other = begin(&db, ada, true, at).await;
        let public_id = live(&db, &kept, at).await.expect("live").public_id;

        let ended = db
            .write(async move |connection| {
                sessions::end_others(connection, ada, &public_id, at).await
            })
            .await;
        assert_eq!(ended.expect("answers"), 1);
        assert!(live(&db, &kept, at).await.is_some());
        assert_eq!(found(&db, &other, at).await, Lookup::Ended);
        let later = at + TimeDelta::days(400);
        assert_eq!(found(&db, &other, later).await, Lookup::NotFound, "it would have expired");

        let ended =
            db.write(async move |connection| sessions::end_all(connection, ada, at).await).await;
        assert_eq!(ended.expect("answers"), 1);
        assert_eq!(found(&db, &kept, at).await, Lookup::Ended);
        assert!(live(&db, &eves, at).await.is_some());
    })
    .await;
}

#[actix_web::test]
async fn the_eleventh_session_ends_the_longest_idle() {
    on_each(async |db| {
        let (id, start) = (registered(&db, "13800138000", "ada").await.id, now());
        let minutes = |count| start + TimeDelta::minutes(count);
        let mut keys = Vec::new();
        for minute in 0..10 {
            keys.push(begin(&db, id, true, minutes(minute)).await);
        }
        assert!(touch(&db, &keys[0], minutes(20)).await);

        keys.push(begin(&db, id, true, minutes(30)).await);

        assert!(live(&db, &keys[0], minutes(30)).await.is_some());
        assert_eq!(live(&db, &keys[1], minutes(30)).await, None);
        let listed = list(&db, id, minutes(30)).await;
        let seen = listed.iter().map(|session| session.last_seen_at).collect::<Vec<_>>();
        let expected = [30, 20, 9, 8, 7, 6, 5, 4, 3, 2].map(minutes);
        assert_eq!(seen, expected);
        assert_eq!(listed[1].signed_in_at, start);
        assert_eq!(listed[0].device.chars().count(), 255);
        assert_eq!(listed[0].address, "2001:db8::1");
        assert_eq!(listed[0].last_address, "2001:db8::1", "until it is used from elsewhere");
    })
    .await;
}

async fn found(db: &Db, key: &SessionKey, at: DateTime<Utc>) -> Lookup {
    let key = key.clone();
    let found = db
        .read(async move |connection| sessions::find(connection, &key.hash(), at, LIFETIMES).await)
        .await;
    found.expect("answers")
}

#[actix_web::test]
async fn sessions_and_tokens_have_separate_limits_and_the_displaced_are_remembered() {
    on_each(async |db| {
        let (id, start) = (registered(&db, "13800138000", "ada").await.id, now());
        let minutes = |count| start + TimeDelta::minutes(count);
        let phone = begin(&db, id, true, start).await;
        let mut tokens = Vec::new();
        for minute in 0..20 {
            tokens.push(begin_token(&db, id, minutes(minute)).await);
        }
        assert!(live(&db, &phone, minutes(20)).await.is_some(), "tokens take no session's room");

        begin_token(&db, id, minutes(20)).await;
        for minute in 21..31 {
            begin(&db, id, true, minutes(minute)).await;
        }

        assert_eq!(found(&db, &tokens[0], minutes(31)).await, Lookup::Displaced);
        assert_eq!(found(&db, &phone, minutes(31)).await, Lookup::Displaced);
        assert!(live(&db, &tokens[1], minutes(31)).await.is_some());
        let expired = found(&db, &phone, start + hours(720)).await;
        assert_eq!(expired, Lookup::NotFound, "it would have expired by now");
        let signed_out = tokens[1].clone();
        db.write(async move |connection| sessions::delete(connection, &signed_out.hash()).await)
            .await
            .expect("ends");
        assert_eq!(found(&db, &tokens[1], minutes(31)).await, Lookup::NotFound);
    })
    .await;
}

#[actix_web::test]
async fn as_many_displaced_are_remembered_as_one_account_can_have() {
    on_each(async |db| {
        let (id, start) = (registered(&db, "13800138000", "ada").await.id, now());
        let mut keys = Vec::new();
        for second in 0..35 {
            keys.push(begin(&db, id, true, start + TimeDelta::seconds(second)).await);
        }
        let at = start + TimeDelta::seconds(35);

        assert_eq!(found(&db, &keys[4], at).await, Lookup::NotFound);
        assert_eq!(found(&db, &keys[5], at).await, Lookup::Displaced);
        assert_eq!(found(&db, &keys[24], at).await, Lookup::Displaced);
        assert!(live(&db, &keys[25], at).await.is_some());
        let later = start + hours(721);
        let purge = async move |connection: &mut Connection| {
            sessions::purge_displaced(connection, later, 15).await
        };
        assert_eq!(db.write(purge).await.expect("answers"), 15);
        assert_eq!(db.write(purge).await.expect("answers"), 5);
        let begun = begin(&db, id, true, later).await;
        db.write(async move |connection| users::delete(connection, id).await)
            .await
            .expect("deletes");
        assert_eq!(found(&db, &begun, later).await, Lookup::NotFound);
    })
    .await;
}

#[actix_web::test]
async fn twenty_sign_ins_of_each_kind_at_once_leave_ten_sessions_and_ten_tokens() {
    on_each(async |db| {
        let (id, at) = (registered(&db, "13800138000", "ada").await.id, now());
        let db = &db;
        let few = SessionLimits { sessions: 3, tokens: 5 };
        let sign_in = async |kind: Kind| {
            let new = NewSession { kind, ..session(id, true) };
            let work = async move |connection: &mut Connection| {
                users::set_last_login(connection, id, at).await?;
                sessions::make_room(connection, id, (new.kind, few), at).await?;
                sessions::create(connection, &new, at, LIFETIMES).await
            };
            db.write(work).await.expect("created")
        };
        let browsers = join_all((0..20).map(|_| sign_in(Kind::Session)));
        let apps = join_all((0..20).map(|_| sign_in(Kind::Token)));

        futures_util::future::join(browsers, apps).await;

        let listed = list(db, id, at).await;
        let count = |kind| listed.iter().filter(|session| session.kind == kind).count();
        assert_eq!((count(Kind::Session), count(Kind::Token)), (3, 5));
    })
    .await;
}

#[actix_web::test]
async fn public_ids_sort_in_the_order_in_which_sessions_began() {
    on_each(async |db| {
        let (id, start) = (registered(&db, "13800138000", "ada").await.id, now());
        for hour in 0..10 {
            begin(&db, id, true, start + hours(hour)).await;
        }

        let listed = list(&db, id, start + hours(10)).await;

        assert_eq!(listed.len(), 10);
        assert!(
            listed.is_sorted_by(|newer, older| newer.public_id > older.public_id),
            "{listed:?}"
        );
    })
    .await;
}

#[actix_web::test]
async fn twenty_sign_ins_at_once_leave_ten_sessions() {
    on_each(async |db| {
        let (id, at) = (registered(&db, "13800138000", "ada").await.id, now());
        let db = &db;

        join_all((0..20).map(|_| begin(db, id, false, at))).await;

        assert_eq!(list(db, id, at).await.len(), 10);
    })
    .await;
}

/// Begins a session if the stored password hash is this one.
async fn begin_with_password(db: &Db, user_id: i64, password_hash: &'static str) -> bool {
    let (new, at) = (session(user_id, false), now());
    let sign_in = async move |connection: &mut Connection| {
        let is_unchanged =
            users::set_last_login_if_unchanged(connection, user_id, password_hash, at).await?;
        if is_unchanged {
            sessions::make_room(connection, user_id, (Kind::Session, LIMITS), at).await?;
            sessions::create(connection, &new, at, LIFETIMES).await?;
        }
        Ok(is_unchanged)
    };
    db.write(sign_in).await.expect("answers")
}

#[actix_web::test]
async fn twenty_sign_ins_with_a_password_at_once_leave_ten_sessions() {
    on_each(async |db| {
        let db = &db;
        for mobile in ["13800138000", "13800138001", "13800138002"] {
            let id = registered(db, mobile, mobile).await.id;

            let begun = join_all((0..20).map(|_| begin_with_password(db, id, "hash"))).await;

            assert!(begun.iter().all(|has_begun| *has_begun));
            assert_eq!(list(db, id, now()).await.len(), 10);
        }
    })
    .await;
}

#[actix_web::test]
async fn no_session_begins_with_a_password_that_was_changed_meanwhile() {
    on_each(async |db| {
        let id = registered(&db, "13800138000", "ada").await.id;

        assert!(!begin_with_password(&db, id, "another hash").await);
        assert!(begin_with_password(&db, id, "hash").await);
    })
    .await;
}

#[actix_web::test]
async fn expired_rows_are_removed_a_batch_at_a_time() {
    on_each(async |db| {
        let (id, start) = (registered(&db, "13800138000", "ada").await.id, now());
        for _ in 0..3 {
            begin(&db, id, false, start).await;
        }
        let remembered = begin(&db, id, true, start).await;
        let later = start + hours(12);

        let mut removed = Vec::new();
        for _ in 0..3 {
            let purge = db
                .write(async move |connection| sessions::purge_expired(connection, later, 2).await)
                .await;
            removed.push(purge.expect("answers"));
        }

        assert_eq!(removed, [2, 1, 0]);
        assert!(live(&db, &remembered, later).await.is_some());
    })
    .await;
}
