//! The memory is bounded, and what fills one share of it takes no room from another.

use std::time::Duration;

use haoma::{
    domain::clock::Clock,
    errors::Error,
    stores::kv::{Asker, Decision, Kv, Memory, MemoryCapacity, Verification, Window},
};

use super::{MINUTE, claim, granted, guess, lasting, refused, secret, take, window};

/// A window that never refuses.
const WIDE: [Window; 1] = [window(MINUTE, 100)];

fn memory(texts: usize, codes: usize, limits: usize) -> (Kv, Clock) {
    let clock = Clock::default();
    let capacity = MemoryCapacity { texts, codes, limits };
    (Kv::Memory(Memory::with_capacity(capacity, clock.clone())), clock)
}

async fn text_of(kv: &Kv, key: &str) -> Option<String> {
    kv.get(key).await.expect("answers")
}

/// Whether the events of a key are remembered.
async fn is_known(kv: &Kv, key: &str) -> bool {
    let waits = kv.waits(&[(key, window(MINUTE, 1))]).await.expect("answers");
    waits.iter().any(|wait| !wait.is_zero())
}

#[tokio::test]
async fn captchas_and_codes_find_room_when_limits_are_full() {
    let (kv, _) = memory(2, 2, 10);
    kv.issue("code", &secret("a"), lasting(MINUTE), &Asker::default()).await.expect("room");
    kv.set("captcha", "abcd", MINUTE).await.expect("room");
    for number in 0..1_000 {
        granted(take(&kv, &format!("name {number}"), &WIDE).await.expect("a place is made"));
    }

    kv.set("another captcha", "abcd", MINUTE).await.expect("room of its own");
    kv.issue("another code", &secret("b"), lasting(MINUTE), &Asker::default())
        .await
        .expect("room of its own");

    assert_eq!(text_of(&kv, "captcha").await.as_deref(), Some("abcd"));
    let right = guess(&kv, "code", &secret("a").hmac, 5).await;
    assert!(matches!(right, Verification::Right(_)), "{right:?}");
}

#[tokio::test]
async fn when_limits_are_full_the_oldest_subject_with_a_single_event_goes_first() {
    let (kv, clock) = memory(1, 1, 3);
    for key in ["twice", "twice", "old", "new"] {
        granted(take(&kv, key, &WIDE).await.expect("room"));
        clock.advance(Duration::from_secs(1));
    }

    granted(take(&kv, "one more", &WIDE).await.expect("a place is made"));
    assert!(!is_known(&kv, "old").await, "the oldest with a single event");
    assert!(is_known(&kv, "twice").await && is_known(&kv, "new").await);

    granted(take(&kv, "yet another", &WIDE).await.expect("a place is made"));
    assert!(!is_known(&kv, "new").await, "then the next one");
    assert!(is_known(&kv, "twice").await && is_known(&kv, "one more").await);
}

#[tokio::test]
async fn a_code_is_never_forgotten_for_another() {
    let (kv, _) = memory(1, 2, 1);
    for key in ["a", "b"] {
        kv.issue(key, &secret(key), lasting(MINUTE), &Asker::default()).await.expect("room");
    }

    let third = kv.issue("c", &secret("c"), lasting(MINUTE), &Asker::default()).await;

    assert!(matches!(third, Err(Error::Store(_))), "{third:?}");
    let renewed = kv
        .issue("a", &secret("new"), lasting(MINUTE), &Asker::default())
        .await
        .expect("no new key");
    assert!(!renewed.is_fresh);
    for key in ["a", "b"] {
        let right = guess(&kv, key, &secret(key).hmac, 5).await;
        assert!(matches!(right, Verification::Right(_)), "{key}: {right:?}");
    }
    kv.issue("c", &secret("c"), lasting(MINUTE), &Asker::default())
        .await
        .expect("used codes make room");
}

#[tokio::test]
async fn when_captchas_are_full_the_one_that_expires_next_goes_first() {
    let (kv, _) = memory(2, 1, 1);
    kv.set("old", "x", MINUTE).await.expect("room");
    kv.set("new", "x", 2 * MINUTE).await.expect("room");

    kv.set("one more", "x", 3 * MINUTE).await.expect("a place is made");

    assert_eq!(text_of(&kv, "old").await, None);
    assert!(text_of(&kv, "new").await.is_some() && text_of(&kv, "one more").await.is_some());
    kv.set("new", "changed", MINUTE).await.expect("no new key");
    assert!(text_of(&kv, "one more").await.is_some());
}

/// Otherwise a used proof of work would be accepted again.
#[tokio::test]
async fn a_lock_is_never_forgotten() {
    let (kv, _) = memory(1, 1, 2);
    assert!(kv.once_per("proof", MINUTE).await.expect("room").is_first());
    for number in 0..100 {
        granted(take(&kv, &format!("name {number}"), &WIDE).await.expect("a place is made"));
    }

    assert!(!kv.once_per("proof", MINUTE).await.expect("answers").is_first());
    assert!(kv.once_per("another proof", MINUTE).await.expect("a place is made").is_first());
    let third = kv.once_per("a third proof", MINUTE).await;
    assert!(matches!(third, Err(Error::Store(_))), "{third:?}");
}

#[tokio::test]
async fn a_key_whose_last_event_was_given_back_takes_no_room() {
    let (kv, _) = memory(1, 1, 2);
    granted(take(&kv, "kept", &WIDE).await.expect("room"));
    for number in 0..100 {
        let key = format!("name {number}");
        let ticket = granted(take(&kv, &key, &WIDE).await.expect("room"));
        kv.release(&[(&key, &ticket)]).await.expect("answers");
    }

    assert!(is_known(&kv, "kept").await);
    assert!(!kv.is_nearly_full());
}

#[tokio::test]
async fn a_filled_budget_is_remembered_when_it_is_empty_and_when_limits_are_full() {
    let (kv, _) = memory(1, 1, 2);
    let mut budget = claim("budget", &WIDE);
    budget.limits[0].must_be_filled = true;
    kv.fill(&budget.limits[0], &[]).await.expect("room");
    let decision = kv.acquire(std::slice::from_ref(&budget)).await.expect("answers").remove(0);
    assert!(matches!(decision, Decision::Granted { .. }), "{decision:?}");
    kv.release(&[("budget", &budget.permit_id)]).await.expect("answers");
    for number in 0..100 {
        granted(take(&kv, &format!("name {number}"), &WIDE).await.expect("a place is made"));
    }

    let decision = kv.acquire(std::slice::from_ref(&budget)).await.expect("answers").remove(0);

    assert!(matches!(decision, Decision::Granted { .. }), "{decision:?}");
}

#[tokio::test]
async fn a_share_that_is_nine_tenths_full_is_told() {
    let (kv, clock) = memory(10, 10, 10);
    for number in 0..8 {
        kv.set(&format!("captcha {number}"), "x", MINUTE).await.expect("room");
        granted(take(&kv, &format!("name {number}"), &WIDE).await.expect("room"));
    }
    assert!(!kv.is_nearly_full());

    kv.set("one more", "x", MINUTE).await.expect("room");
    assert!(kv.is_nearly_full());

    clock.advance(MINUTE);
    assert!(!kv.is_nearly_full(), "what has expired takes no room");
}

#[tokio::test]
async fn in_a_full_memory_what_has_expired_goes_first() {
    let (kv, clock) = memory(1, 100, 1);
    for number in 0..99 {
        let key = format!("short {number}");
        kv.issue(&key, &secret(&key), lasting(MINUTE / 2), &Asker::default()).await.expect("room");
    }
    kv.issue("long", &secret("long"), lasting(MINUTE), &Asker::default()).await.expect("room");
    clock.advance(MINUTE / 2);

    for number in 0..99 {
        let key = format!("new {number}");
        kv.issue(&key, &secret(&key), lasting(MINUTE), &Asker::default())
            .await
            .expect("the expired made room");
    }

    assert!(kv.issue("one more", &secret("x"), lasting(MINUTE), &Asker::default()).await.is_err());
    let right = guess(&kv, "long", &secret("long").hmac, 5).await;
    assert!(matches!(right, Verification::Right(_)), "{right:?}");
}

#[tokio::test]
async fn a_limit_holds_while_others_come_and_go() {
    let (kv, _) = memory(1, 1, 32);
    let windows = [window(MINUTE, 3)];
    for _ in 0..3 {
        granted(take(&kv, "full", &windows).await.expect("room"));
    }
    for number in 0..1_000 {
        granted(take(&kv, &format!("name {number}"), &WIDE).await.expect("a place is made"));
    }

    refused(&take(&kv, "full", &windows).await.expect("answers"));
}

#[tokio::test]
async fn renewing_a_key_over_and_over_costs_a_memory_no_room() {
    let (kv, _) = memory(2, 1, 1);
    for _ in 0..10_000 {
        kv.set("text", "x", MINUTE).await.expect("no new key");
        assert!(kv.take("text").await.expect("answers").is_some());
    }

    kv.set("a", "x", MINUTE).await.expect("room");
    kv.set("b", "x", MINUTE).await.expect("room");
    assert!(kv.get("a").await.expect("answers").is_some());
}
