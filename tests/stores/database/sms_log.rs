//! The log of text messages.

use std::time::Duration;

use chrono::{DateTime, Utc};
use haoma::{
    domain::{
        mobile::Mobile,
        sms_delivery::{AnswerClass, Outcome, PastSend, Receipt},
        sms_quota::SmsQuota,
    },
    errors::{Error, LimitMessage},
    stores::{
        db::Db,
        kv::Window,
        rate_limits::Limit,
        tables::{
            sms_log,
            sms_log::{AttemptRow, MessageRow, QuotaCheck},
        },
    },
};
use test_support::databases::{now, on_each};

use super::fixtures::{ADDRESS, MOBILE, attempt, message, sent};

type Timeline = Vec<(MessageRow, Vec<AttemptRow>)>;
/// Name and outcome of a message, provider and outcome of each attempt.
type Told<'a> = (&'a str, &'a str, Vec<(&'a str, &'a str)>);

async fn timeline(db: &Db) -> Timeline {
    let mobile = Mobile::from_stored(MOBILE.to_owned());
    db.read(async move |connection| sms_log::timeline(connection, &mobile, 10).await)
        .await
        .expect("a timeline")
}

fn told(timeline: &Timeline) -> Vec<Told<'_>> {
    let told = timeline.iter().map(|(message, attempts)| {
        let attempts =
            attempts.iter().map(|attempt| (attempt.provider.as_str(), attempt.outcome.as_str()));
        (message.id.as_str(), message.outcome.as_str(), attempts.collect())
    });
    told.collect()
}

async fn open(db: &Db, id: &str, at: DateTime<Utc>) -> Vec<PastSend> {
    let new = message(id);
    db.write(async move |connection| {
        sms_log::start(connection, &new, ADDRESS, &QuotaCheck::none(), at).await
    })
    .await
    .expect("opened")
}

/// Whether one more message would be too many, and when it is not any more.
async fn refused(
    db: &Db,
    windows: &[(Window, Limit)],
    at: DateTime<Utc>,
) -> Option<(LimitMessage, u64)> {
    let check = QuotaCheck { windows: windows.to_vec(), ..QuotaCheck::none() };
    refused_of(db, check, at).await
}

/// The same for a message of any quota.
async fn refused_of(db: &Db, check: QuotaCheck, at: DateTime<Utc>) -> Option<(LimitMessage, u64)> {
    let new = message("one more");
    let opened = db.write(async move |connection| {
        sms_log::start(connection, &new, ADDRESS, &check, at).await?;
        // Only asked: nothing stays.
        Err::<(), _>(Error::NotFound)
    });
    match opened.await {
        Err(Error::TooOften { limit, retry_after }) => Some((limit, retry_after.as_secs())),
        _ => None,
    }
}

/// R43.
#[tokio::test]
async fn the_sms_log_checks_the_windows_of_a_number_by_what_may_have_reached_it() {
    on_each(async |db| {
        let start = now();
        let minutes = |count: u64| start + Duration::from_mins(count);
        let window = |minutes, limit| Window { span: Duration::from_mins(minutes), limit };
        let windows = [
            (window(1, 1), Limit::SmsResend),
            (window(60, 2), Limit::SmsPerMobile),
            (window(24 * 60, 3), Limit::SmsPerMobile),
        ];
        sent(
            &db,
            "m1",
            Outcome::Sent,
            vec![attempt("aliyun", AnswerClass::Sent, Some("b1"))],
            start,
        )
        .await;
        sent(
            &db,
            "m2",
            Outcome::Refused,
            vec![attempt("aliyun", AnswerClass::Busy, None)],
            minutes(1),
        )
        .await;
        let seconds = |count: u64| start + Duration::from_secs(count);
        assert_eq!(refused(&db, &windows, seconds(10)).await, Some((LimitMessage::Resend, 48)));
        assert_eq!(refused(&db, &windows, seconds(58)).await, None, "the clocks may be apart");
        sent(
            &db,
            "m3",
            Outcome::Unknown,
            vec![attempt("aliyun", AnswerClass::Unknown, None)],
            minutes(30),
        )
        .await;
        assert_eq!(
            refused(&db, &windows, minutes(40)).await,
            Some((LimitMessage::Mobile, 20 * 60 - 2))
        );
        open(&db, "m4", minutes(100)).await;
        assert_eq!(
            refused(&db, &windows, minutes(200)).await,
            Some((LimitMessage::Mobile, (24 * 60 - 200) * 60 - 2)),
            "one that was never closed counts too"
        );

        receipt(&db, "aliyun", "b1", false).await;

        assert_eq!(refused(&db, &windows, minutes(200)).await, None, "it has reached nobody");
    })
    .await;
}

/// A message of this quota that was sent.
async fn sent_of(db: &Db, id: &'static str, quota: &SmsQuota, at: DateTime<Utc>) {
    let check = QuotaCheck { quota: quota.clone(), windows: Vec::new() };
    db.write(async move |connection| {
        sms_log::start(connection, &message(id), ADDRESS, &check, at).await
    })
    .await
    .expect("opened");
}

#[tokio::test]
async fn messages_of_a_known_device_are_counted_apart_and_those_of_the_reserve_for_the_number() {
    on_each(async |db| {
        let (start, device) = (now(), |digits: &str| SmsQuota::Device(digits.to_owned()));
        let hours = |count: u64| start + Duration::from_hours(count);
        let day = |limit, kind| (Window { span: Duration::from_hours(24), limit }, kind);
        let check =
            |quota: SmsQuota, limit, kind| QuotaCheck { quota, windows: vec![day(limit, kind)] };
        sent_of(&db, "m1", &device("aa"), hours(0)).await;
        sent_of(&db, "m2", &device("aa"), hours(1)).await;
        sent_of(&db, "m3", &SmsQuota::Number, hours(2)).await;
        sent_of(&db, "m4", &SmsQuota::Reserve, hours(3)).await;
        let is_refused = async |check| refused_of(&db, check, hours(4)).await.is_some();

        assert!(is_refused(check(device("aa"), 2, Limit::SmsPerDevice)).await);
        assert!(!is_refused(check(device("aa"), 3, Limit::SmsPerDevice)).await);
        assert!(!is_refused(check(device("bb"), 1, Limit::SmsPerDevice)).await);
        assert!(is_refused(check(SmsQuota::Number, 2, Limit::SmsPerMobile)).await);
        assert!(!is_refused(check(SmsQuota::Number, 3, Limit::SmsPerMobile)).await);
        assert!(is_refused(check(SmsQuota::Reserve, 1, Limit::SmsReserve)).await);
        assert!(!is_refused(check(SmsQuota::Reserve, 2, Limit::SmsReserve)).await);
    })
    .await;
}

async fn receipt(db: &Db, provider: &'static str, id: &str, was_delivered: bool) -> Option<String> {
    let new = Receipt { message_id: id.to_owned(), was_delivered, code: "UNDELIV".to_owned() };
    let noted = db
        .write(async move |connection| {
            sms_log::record_receipt(connection, provider, &new, now()).await
        })
        .await;
    noted.expect("noted").map(|message| message.id)
}

#[tokio::test]
async fn a_timeline_lists_every_attempt_newest_message_first() {
    on_each(async |db| {
        let start = now();
        sent(
            &db,
            "m1",
            Outcome::Refused,
            vec![attempt("tencent", AnswerClass::Balance, None)],
            start,
        )
        .await;
        let attempts = vec![
            attempt("tencent", AnswerClass::Busy, None),
            attempt("aliyun", AnswerClass::Sent, Some("b1")),
        ];
        sent(&db, "m2", Outcome::Sent, attempts, start + Duration::from_mins(1)).await;

        let timeline = timeline(&db).await;

        assert_eq!(
            told(&timeline),
            [
                ("m2", "sent", vec![("tencent", "busy"), ("aliyun", "sent")]),
                ("m1", "refused", vec![("tencent", "balance")]),
            ]
        );
    })
    .await;
}

/// Each statement stands for itself: after a cut connection all of them come again.
#[tokio::test]
async fn recording_an_event_twice_stores_it_once() {
    on_each(async |db| {
        let tried = || {
            vec![
                attempt("tencent", AnswerClass::Busy, None),
                attempt("aliyun", AnswerClass::Sent, Some("b")),
            ]
        };
        let first_of_two = vec![attempt("tencent", AnswerClass::Busy, None)];
        sent(&db, "m1", Outcome::Unknown, first_of_two, now()).await;

        for _ in 0..2 {
            sent(&db, "m1", Outcome::Sent, tried(), now()).await;
        }

        let timeline = timeline(&db).await;
        assert_eq!(
            told(&timeline),
            [("m1", "sent", vec![("tencent", "busy"), ("aliyun", "sent")])]
        );
    })
    .await;
}

#[tokio::test]
async fn a_message_that_was_never_closed_stays_pending() {
    on_each(async |db| {
        open(&db, "m1", now()).await;

        let timeline = timeline(&db).await;

        assert_eq!(timeline.first().map(|(message, _)| message.outcome.as_str()), Some("pending"));
    })
    .await;
}

#[tokio::test]
async fn history_counts_what_a_provider_took_or_may_have_taken_within_a_day() {
    on_each(async |db| {
        let start = now();
        let hours = |count: u64| start + Duration::from_hours(count);
        sent(&db, "m1", Outcome::Sent, vec![attempt("tencent", AnswerClass::Sent, None)], hours(0))
            .await;
        sent(
            &db,
            "m2",
            Outcome::Unknown,
            vec![attempt("aliyun", AnswerClass::Unknown, None)],
            hours(20),
        )
        .await;
        sent(
            &db,
            "m3",
            Outcome::Refused,
            vec![attempt("aliyun", AnswerClass::Balance, None)],
            hours(21),
        )
        .await;

        let past = open(&db, "m4", hours(25)).await;

        let counted: Vec<_> =
            past.iter().map(|message| (message.provider.as_str(), message.age)).collect();
        assert_eq!(counted, [("aliyun", Duration::from_hours(5))]);
    })
    .await;
}

#[tokio::test]
async fn a_receipt_is_noted_once_and_only_for_its_own_provider() {
    on_each(async |db| {
        sent(
            &db,
            "m1",
            Outcome::Sent,
            vec![attempt("aliyun", AnswerClass::Sent, Some("b1"))],
            now(),
        )
        .await;

        assert_eq!(receipt(&db, "tencent", "b1", false).await, None);
        assert_eq!(receipt(&db, "aliyun", "b2", false).await, None);
        assert_eq!(receipt(&db, "aliyun", "b1", false).await.as_deref(), Some("m1"));
        assert_eq!(receipt(&db, "aliyun", "b1", false).await, None, "a vendor repeats itself");
    })
    .await;
}

#[tokio::test]
async fn codes_and_details_of_any_length_can_be_stored() {
    on_each(async |db| {
        let long = "长".repeat(200);
        let mut long_attempt = attempt("aliyun", AnswerClass::Config, Some(&long));
        long_attempt.answer.detail.clone_from(&long);

        sent(&db, "m1", Outcome::Refused, vec![long_attempt], now()).await;
    })
    .await;
}
