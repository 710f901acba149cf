//! What both homes of short-lived things must do alike, and that memory is bounded.

mod secrets;
mod texts;
mod windows;

use std::time::Duration;

use futures_util::future::join_all;
use haoma::{
    errors::Error,
    stores::kv::{Guess, Guessable, Kv, Memory, Redis, Reservation, Ticket, Window},
};

use tokio::runtime::Builder;

use crate::databases::redis_server;

pub(crate) const MINUTE: Duration = Duration::from_mins(1);

/// Runs a test in memory, and in Redis when it is given.
async fn on_each(test: impl AsyncFn(Kv)) {
    test(Kv::Memory(Memory::default())).await;
    if let Some(url) = redis_server() {
        test(Kv::Redis(Redis::connect(&url).await.expect("a Redis"))).await;
    }
}

/// Does the same thing a hundred times at once, on four threads.
async fn hundred<T: Send + 'static>(
    kv: &Kv,
    deed: impl AsyncFn(Kv) -> T + Copy + Send + 'static,
) -> Vec<T> {
    let threads = (0..4).map(|_| {
        let kv = kv.clone();
        tokio::task::spawn_blocking(move || {
            let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(join_all((0..25).map(|_| deed(kv.clone()))))
        })
    });
    join_all(threads).await.into_iter().flat_map(|it| it.expect("no panic")).collect()
}

fn secret(name: &str) -> Guessable {
    Guessable { hmac: format!("hmac of {name}"), seed: format!("seed of {name}") }
}

fn granted(reservation: Reservation) -> Ticket {
    match reservation {
        Reservation::Granted(ticket) => ticket,
        Reservation::Refused { .. } => panic!("refused: {reservation:?}"),
    }
}

fn refused(reservation: &Reservation) -> (usize, Duration) {
    match reservation {
        Reservation::Refused { window, wait } => (*window, *wait),
        Reservation::Granted(_) => panic!("granted"),
    }
}

const fn window(span: Duration, limit: u32) -> Window {
    Window { span, limit }
}

#[tokio::test]
async fn memory_refuses_new_keys_when_it_is_full_and_keeps_the_living() {
    let kv = Kv::Memory(Memory::with_capacity(3));
    kv.set("text", "kept", MINUTE).await.expect("room");
    kv.offer("secret", &secret("a"), MINUTE, MINUTE).await.expect("room");
    granted(kv.reserve("window", &[window(MINUTE, 2)]).await.expect("room"));

    let text = kv.set("one more", "x", MINUTE).await;
    let offer = kv.offer("one more", &secret("b"), MINUTE, MINUTE).await;
    let place = kv.reserve("one more", &[window(MINUTE, 2)]).await;

    assert!(matches!(text, Err(Error::Store(_))));
    assert!(matches!(offer, Err(Error::Store(_))));
    assert!(matches!(place, Err(Error::Store(_))));
    kv.set("text", "changed", MINUTE).await.expect("no new key");
    granted(kv.reserve("window", &[window(MINUTE, 2)]).await.expect("no new key"));
    assert_eq!(kv.get("text").await.expect("answers").as_deref(), Some("changed"));
    let guess = kv.guess("secret", &secret("a").hmac, 5).await.expect("answers");
    assert!(matches!(guess, Guess::Right(_)), "{guess:?}");
}

#[tokio::test]
async fn in_a_full_memory_the_dead_make_room() {
    let kv = Kv::Memory(Memory::with_capacity(100));
    for number in 0..99 {
        kv.set(&format!("short {number}"), "x", Duration::from_millis(50)).await.expect("room");
    }
    kv.set("long", "kept", MINUTE).await.expect("room");
    tokio::time::sleep(Duration::from_millis(100)).await;

    for number in 0..99 {
        kv.set(&format!("new {number}"), "x", MINUTE).await.expect("the dead made room");
    }

    assert!(matches!(kv.set("one more", "x", MINUTE).await, Err(Error::Store(_))));
    assert_eq!(kv.get("long").await.expect("answers").as_deref(), Some("kept"));
}

#[tokio::test]
async fn renewing_a_key_over_and_over_costs_a_memory_no_room() {
    let kv = Kv::Memory(Memory::with_capacity(2));
    for _ in 0..10_000 {
        kv.set("text", "x", MINUTE).await.expect("no new key");
        assert!(kv.take("text").await.expect("answers").is_some());
    }

    kv.set("a", "x", MINUTE).await.expect("room");
    kv.set("b", "x", MINUTE).await.expect("room");
}
