//! Tests of the cleanup: expired rows are deleted, a batch at a time.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use diesel::{QueryableByName, sql_types::Text};
use futures_util::future::{join_all, join3};
use haoma::{
    domain::{
        mobile::Mobile,
        sms_delivery::{AnswerClass, Outcome},
    },
    errors::Error,
    flows::cleanup::{Removed, cleanup},
    stores::{
        db::{Connection, Db, RunQueryDsl as _},
        tables::{
            idempotency_keys,
            idempotency_keys::{ClaimResult, IdempotencyRecord},
            sessions, sms_events,
            sms_events::SmsEventRow,
            sms_log,
        },
    },
};
use test_support::{
    app::{on_each as on_each_haoma, on_each_backends, on_each_with},
    databases::{now, on_each, redis_query, registered},
};
use tokio::sync::Barrier;

use super::fixtures::{LIFETIMES, attempt, begin, execute, live, sent};

const DAY: Duration = Duration::from_hours(24);

/// R90, R108, R136.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a row of each table")]
async fn expired_rows_are_deleted_and_others_stay() {
    for (settings, days) in [(&[][..], 183), (&[("SMS_LEDGER_DAYS", "400")][..], 400)] {
        on_each_with(settings, async |app| {
            let (state, db, now) = (&app.state, &app.state.db, now());
            let ada = registered(db, "13800138000", "ada").await.id;
            let expired = begin(db, ada, false, now - DAY / 2).await;
            let remembered = begin(db, ada, true, now - DAY).await;
            let messages =
                [("old", days * DAY + DAY / 24), ("kept", days * DAY), ("today", DAY / 2)];
            for (id, age) in messages {
                let attempts = vec![
                    attempt("tencent", AnswerClass::Busy, None),
                    attempt("aliyun", AnswerClass::Sent, None),
                ];
                sent(db, id, Outcome::Sent, attempts, now - age).await;
            }
            for (key, age) in [("o", DAY), ("y", DAY / 2)] {
                claim(db, key.repeat(64), now - age).await.expect("claimed");
            }
            for (event, age) in [("old", DAY), ("young", DAY / 2)] {
                let at = (now - age).naive_utc();
                let row = SmsEventRow {
                    mobile: "13800138000".to_owned(),
                    purpose: "login".to_owned(),
                    event: event.to_owned(),
                    address: "203.0.113.9".to_owned(),
                    times: 1,
                    first_at: at,
                    last_at: at,
                };
                let rows = [row];
                let write =
                    async move |connection: &mut _| sms_events::write(connection, &rows).await;
                db.write(write).await.expect("noted");
            }
            let counted = recent_messages(db, now).await;

            let removed = cleanup(state, now).await.expect("kept").expect("no other cleanup runs");

            assert_eq!(
                removed,
                Removed {
                    sessions: 1,
                    messages: 1,
                    idempotency_keys: 1,
                    sms_events: 1,
                    devices: 0,
                    oauth: 0,
                }
            );
            assert_eq!(cleanup(state, now).await.expect("kept"), Some(Removed::default()));
            assert!(live(db, &expired, now - DAY / 2).await.is_none(), "the row is gone");
            assert!(live(db, &remembered, now).await.is_some());
            assert_eq!(recent_messages(db, now).await, counted, "the budget is what it was");
            assert_eq!(counted, ["today"]);
            let mobile = Mobile::from_stored("13800138000".to_owned());
            let timeline = db
                .read(async move |connection| sms_log::timeline(connection, &mobile, 9).await)
                .await;
            let kept: Vec<_> = timeline.expect("answers").into_iter().map(|it| it.0.id).collect();
            assert_eq!(kept, ["today", "kept"]);
            assert_eq!(emptied(db, "sms_attempts").await, 4, "attempts go with their message");
            assert_eq!(emptied(db, "idempotency_keys").await, 1);
        })
        .await;
    }
}

#[tokio::test]
async fn one_instance_cleans_up_at_a_time_and_a_hundred_do_no_harm() {
    on_each_backends(async |backends| {
        let (one, two) = (backends.open(&[]).await, backends.open(&[]).await);
        let (state, now) = (&one.state, now());
        let expired = expired_sessions(&state.db, 700, now).await;
        old_messages(&state.db, 1_200, now).await;
        let start = Arc::new(Barrier::new(100));
        let keepers = (0..100).map(|index| {
            let state = if index % 2 == 0 { &one.state } else { &two.state };
            let (state, start) = (state.clone(), Arc::clone(&start));
            tokio::spawn(async move {
                start.wait().await;
                cleanup(&state, now).await
            })
        });

        let removed: Vec<_> =
            join_all(keepers).await.into_iter().map(|result| result.expect("no panic")).collect();

        let removed: Vec<_> =
            removed.into_iter().filter_map(|result| result.expect("no failure")).collect();
        let messages: usize = removed.iter().map(|removed_rows| removed_rows.messages).sum();
        let sessions: usize = removed.iter().map(|removed_rows| removed_rows.sessions).sum();
        assert_eq!((sessions, messages), (expired, 1_200), "{removed:?}");
        assert_eq!(emptied(&state.db, "sms_messages").await, 0);

        let permit = state.rate_limits.lock_cleanup().await.expect("answers").expect("free again");
        assert_eq!(cleanup(state, now).await.expect("answers"), None);
        let other = cleanup(&two.state, now).await.expect("answers");
        // Two processes share a key-value store on Redis only.
        assert_eq!(other.is_none(), one.redis.is_some());
        state.rate_limits.release(&[&permit]).await.expect("released");
        assert!(cleanup(&two.state, now).await.expect("answers").is_some());
        one.stop().await;
        two.stop().await;
    })
    .await;
}

/// An instance that crashed during a cleanup does not block the others for long.
#[tokio::test]
async fn a_permit_that_is_not_returned_expires() {
    on_each_haoma(async |app| {
        let Some(redis) = &app.redis else { return };
        let permit = app.state.rate_limits.lock_cleanup().await.expect("answers").expect("free");
        drop(permit);

        let left: i64 = redis_query(redis, &["PTTL", "haoma:limit:{housekeeping}"]).await;

        assert!((1..=600_000).contains(&left));
    })
    .await;
}

/// Instances that share a database but no Redis clean up at the same time.
#[tokio::test]
async fn twenty_cleanups_at_once_delete_every_row_once() {
    on_each(async |db| {
        let now = now();
        let expired = expired_sessions(&db, 300, now).await;
        old_messages(&db, 300, now).await;
        let db = &db;
        let brooms = (0..20).map(async |_| {
            let sessions = db
                .write(async move |connection| sessions::purge_expired(connection, now, 200).await)
                .await;
            let messages = db
                .write(async move |connection| sms_log::purge(connection, now - DAY, 200).await)
                .await;
            (sessions.expect("answers"), messages.expect("answers"))
        });

        let swept = join_all(brooms).await;

        let all = swept.iter().fold((0, 0), |all, it| (all.0 + it.0, all.1 + it.1));
        assert_eq!(all, (expired, 300), "{swept:?}");
    })
    .await;
}

/// Taking a key over gives it a new age, however old it was before.
#[tokio::test]
async fn cleanup_keeps_an_idempotency_key_that_was_used_again() {
    on_each(async |db| {
        let (now, db) = (now(), &db);
        many_keys(db, 100, now - DAY).await;
        let sweep = async || {
            for _ in 0..20 {
                let purge = db
                    .write(async move |connection| {
                        idempotency_keys::purge_expired(connection, now, 5).await
                    })
                    .await;
                purge.expect("answers");
            }
        };
        let use_again = (0..100).map(|index| claim(db, format!("{index:064}"), now));

        let (claims, ..) = join3(join_all(use_again), sweep(), sweep()).await;

        let is_fine = |result: &_| {
            matches!(result, Ok(ClaimResult::Claimed(_)) | Err(Error::KeyInFlight { .. }))
        };
        assert!(claims.iter().all(is_fine), "{claims:?}");
        // A request that arrives between the two statements of the cleanup is told to retry.
        let ours =
            claims.iter().filter(|claim| matches!(claim, Ok(ClaimResult::Claimed(_)))).count();
        assert_eq!(emptied(db, "idempotency_keys").await, ours, "{claims:?}");
    })
    .await;
}

/// Both use an index. Without one, they would block the tables of a busy service.
#[tokio::test]
async fn neither_cleanup_nor_session_lookup_scans_a_whole_table() {
    on_each(async |db| {
        if !db.is_mysql() {
            return;
        }
        let now = now();
        expired_sessions(&db, 20, now).await;
        old_messages(&db, 20, now).await;
        insert_new_rows(&db, 2_000, now).await;
        let eve = registered(&db, "13900139000", "eve").await.id;
        let key = begin(&db, eve, false, now).await;
        for name in ["find", "list", "delete_all", "sessions", "messages", "keys", "nothing left"] {
            let key = key.clone();
            let read = db.write(async move |connection| {
                let before = rows_read(connection).await?;
                let asking = rows_read(connection).await? - before;
                match name {
                    "find" => drop(sessions::find(connection, &key.hash(), now, LIFETIMES).await?),
                    "list" => drop(sessions::list(connection, eve, now, LIFETIMES).await?),
                    "delete_all" => drop(sessions::delete_all(connection, eve).await?),
                    "messages" => drop(sms_log::purge(connection, now - DAY, 500).await?),
                    "keys" => drop(idempotency_keys::purge_expired(connection, now, 500).await?),
                    _ => drop(sessions::purge_expired(connection, now, 500).await?),
                }
                Ok(rows_read(connection).await? - before - 2 * asking)
            });
            let read = read.await.expect("answers");
            assert!(read < 200, "{name} reads {read} rows of 2000, and needs some 40");
        }
    })
    .await;
}

/// Returns how many table rows and index entries this connection has read.
async fn rows_read(connection: &mut Connection) -> Result<i64, Error> {
    #[derive(QueryableByName)]
    struct Status {
        #[diesel(sql_type = Text, column_name = "Value")]
        value: String,
    }

    let asked = diesel::sql_query("SHOW SESSION STATUS LIKE 'Handler_read_%'");
    let counts: Vec<Status> = asked.load(connection).await?;
    counts.iter().map(|count| count.value.parse::<i64>().map_err(Error::internal)).sum()
}

async fn claim(db: &Db, key_hash: String, at: DateTime<Utc>) -> Result<ClaimResult, Error> {
    let wish = IdempotencyRecord {
        key_hash,
        endpoint: "users",
        body_hmac: "b".repeat(64),
        older: Vec::new(),
    };
    db.write(async move |connection| idempotency_keys::claim(connection, &wish, at).await).await
}

async fn recent_messages(db: &Db, now: DateTime<Utc>) -> Vec<String> {
    let past = db
        .read(async move |connection| sms_log::recently_sent(connection, 9, now).await)
        .await
        .expect("answers");
    past.into_iter().map(|it| it.id).collect()
}

/// Inserts expired sessions of one user and returns how many.
async fn expired_sessions(db: &Db, number: usize, now: DateTime<Utc>) -> usize {
    let ada = registered(db, "13800138000", "ada").await.id;
    many_sessions(db, ada, number, now - DAY).await;
    number
}

async fn insert_new_rows(db: &Db, number: usize, now: DateTime<Utc>) {
    let bob = registered(db, "13700137000", "bob").await.id;
    many_sessions(db, bob, number, now + DAY).await;
    many_messages(db, "young", number, now).await;
    many_keys(db, number, now).await;
}

async fn many_keys(db: &Db, number: usize, at: DateTime<Utc>) {
    let at = at.naive_utc();
    let rows = (0..number)
        .map(|index| format!("('{index:064}', 'users', '{index:064}', 'running', '{at}')"));
    let columns = "key_hash, endpoint, body_hmac, state, created_at";
    insert(db, "idempotency_keys", columns, rows).await;
}

async fn old_messages(db: &Db, number: usize, now: DateTime<Utc>) {
    many_messages(db, "old", number, now - 200 * DAY).await;
}

async fn many_messages(db: &Db, name: &str, number: usize, at: DateTime<Utc>) {
    let at = at.naive_utc();
    let rows = (0..number)
        .map(|index| format!("('{name}{index}', '13800138000', 'login', '::1', 'sent', '{at}')"));
    insert(db, "sms_messages", "id, mobile, purpose, address, outcome, created_at", rows).await;
    let rows = (0..number)
        .map(|index| format!("('{name}{index}', 0, '13800138000', 'aliyun', 'sent', 1, '{at}')"));
    let columns = "message_id, position, mobile, provider, outcome, took_ms, asked_at";
    insert(db, "sms_attempts", columns, rows).await;
}

async fn many_sessions(db: &Db, user_id: i64, number: usize, expires_at: DateTime<Utc>) {
    let (begun, expires_at) = ((expires_at - DAY).naive_utc(), expires_at.naive_utc());
    let rows = (0..number).map(|index| {
        let hash = format!("{user_id:032}{index:032}");
        format!("('{hash}', '{user_id}-{index}', {user_id}, 'session', 1, '', '', '{begun}', '{begun}', '{expires_at}')")
    });
    let columns = "key_hash, public_id, user_id, kind, remember, device, address, created_at, \
         last_seen_at, expires_at";
    insert(db, "sessions", columns, rows).await;
}

async fn insert(db: &Db, table: &str, columns: &str, rows: impl Iterator<Item = String>) {
    let rows = rows.collect::<Vec<_>>().join(",");
    execute(db, &format!("INSERT INTO {table} ({columns}) VALUES {rows}")).await;
}

/// Empties a table and returns how many rows it had.
async fn emptied(db: &Db, table: &str) -> usize {
    let statement = format!("DELETE FROM {table}");
    let work = async move |connection: &mut Connection| {
        Ok(diesel::sql_query(&statement).execute(connection).await?)
    };
    db.write(work).await.expect("executes")
}
