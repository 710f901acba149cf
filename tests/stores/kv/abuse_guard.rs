//! The SMS abuse guard, where its levels end by time (R34).

use std::{net::Ipv4Addr, time::Duration};

use futures_util::future::join_all;
use haoma::{
    domain::mobile::Mobile,
    metrics::Metrics,
    stores::{
        code_seed::CodeSeed,
        sms_abuse_guard::{Level, SmsAbuseGuard, SmsAbuseRules},
    },
};
use test_support::logs;
use uuid::Uuid;

use super::on_each_clock;

/// Every code counts at once.
const RULES: SmsAbuseRules = SmsAbuseRules {
    min_verified_percent: 30,
    time_to_verify: Duration::ZERO,
    harder_for: Duration::from_hours(1),
    paused_for: Duration::from_mins(10),
};

/// Asks for so many codes at once, and types none.
async fn send_unverified_codes(guard: &SmsAbuseGuard, mobile: &Mobile, count: usize) {
    let sent = (0..count).map(async |_| {
        let code = CodeSeed::parse(&format!("{}@203.0.113.0/24", Uuid::new_v4()));
        guard.record_sent(&code, mobile).await.expect("answers");
    });
    join_all(sent).await;
}

async fn step(guard: &SmsAbuseGuard, mobile: &Mobile) -> Level {
    let from = Ipv4Addr::new(203, 0, 113, 7).into();
    guard.level(Some(mobile), from).await.expect("answers")
}

#[tokio::test]
async fn a_level_that_ended_by_time_is_announced_once_to_the_next_request() {
    on_each_clock(async |kv, clock| {
        let metrics = Metrics::default();
        let guard = SmsAbuseGuard::new(kv, RULES, metrics.clone());
        // Of these numbers no other test logs anything.
        let mobile = format!("135{:08}", rand::random_range(0..100_000_000));
        let prefix = &mobile[..7];
        let mobile = Mobile::parse(&mobile).expect("a number");
        let turn = logs::capture().await;

        send_unverified_codes(&guard, &mobile, 20).await;
        assert_eq!(step(&guard, &mobile).await, Level::Harder);
        // Codes of before a step do not take the next one.
        clock.advance(Duration::from_secs(1)).await;
        send_unverified_codes(&guard, &mobile, 20).await;
        assert!(matches!(step(&guard, &mobile).await, Level::Paused { .. }));
        clock.advance(RULES.paused_for).await;
        let steps = join_all((0..10).map(|_| step(&guard, &mobile))).await;
        assert_eq!(steps, [Level::Harder; 10]);
        send_unverified_codes(&guard, &mobile, 5).await;
        clock.advance(RULES.harder_for).await;
        assert_eq!(step(&guard, &mobile).await, Level::Normal);
        send_unverified_codes(&guard, &mobile, 4).await;
        assert_eq!(step(&guard, &mobile).await, Level::Normal);

        let lines = logs::captured(turn);
        let scope = format!(" scope=prefix-{prefix} ");
        let told = lines.iter().filter_map(|line| line.split_once(&scope));
        let told = told.map(|(event, step)| {
            let event = event.rsplit("event=").next().unwrap_or_default();
            format!("{event} {}", step.split(' ').next().unwrap_or_default())
        });
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                "pumping_ladder step=harder",
                "pumping_ladder step=paused",
                "pumping_ladder_over step=harder",
                "pumping_ladder_over step=normal",
            ]
        );
        let counted = metrics.text().expect("a text");
        for (step, count) in [("harder", 2), ("paused", 1), ("normal", 1)] {
            let sample = format!("changes_total{{scope=\"prefix\",step=\"{step}\"}} {count}\n");
            assert!(counted.contains(&sample), "{counted}");
        }
    })
    .await;
}
