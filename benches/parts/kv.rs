//! The atomic operations for codes and limits, in memory and on Redis.

use std::time::Duration;

use criterion::Criterion;
use haoma::stores::kv::{
    Acquire, Asker, Event, IssueRules, Kv, Memory, OperationEvent, PermitId, RateLimit, Redis,
    RedisUrl, StoredCode, Verification, Window,
};
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::service::runtime;

const MINUTE: Duration = Duration::from_mins(1);

pub(crate) fn bench(criterion: &mut Criterion) {
    let runtime = runtime();
    on(criterion, &runtime, "memory", &Kv::Memory(Memory::default()));
    let Some(url) = redis_url() else {
        eprintln!("kv on Redis: not measured, neither TEST_REDIS_URL nor REDIS_URL is given");
        return;
    };
    let address = RedisUrl::parse(&url).expect("an address of a Redis");
    let redis = runtime.block_on(Redis::connect(&address)).expect("answers");
    on(criterion, &runtime, "Redis", &Kv::Redis(redis));
}

#[expect(
    clippy::disallowed_methods,
    reason = "a program of its own, with an environment of its own"
)]
fn redis_url() -> Option<String> {
    ["TEST_REDIS_URL", "REDIS_URL"].into_iter().find_map(|name| std::env::var(name).ok())
}

/// Every key is a new one, as in reality.
fn on(criterion: &mut Criterion, runtime: &Runtime, backends: &str, kv: &Kv) {
    let mut group = criterion.benchmark_group(format!("kv in {backends}"));
    group.bench_function("keep and take a text", |bencher| {
        bencher.to_async(runtime).iter(|| async {
            let key = key();
            kv.set(&key, "abcd", MINUTE).await.expect("kept");
            assert_eq!(kv.take(&key).await.expect("answers").as_deref(), Some("abcd"));
        });
    });
    group.bench_function("offer and guess a secret", |bencher| {
        bencher.to_async(runtime).iter(|| async {
            let (key, wrong) = (key(), key());
            let secret = StoredCode { hmac: key.clone(), seed: "seed".to_owned() };
            let rules = IssueRules { ttl: MINUTE, max_age: MINUTE * 10, max_tries: 5 };
            let asker = Asker { names: vec!["00112233aabbccdd".to_owned()], is_known: false };
            kv.issue(&key, &secret, rules, &asker).await.expect("kept");
            let window = Window { span: MINUTE, limit: 10 };
            let guess = kv.verify(&key, &[secret.hmac], (5, &asker), (&wrong, window)).await;
            assert!(matches!(guess.expect("answers"), Verification::Right(_)));
        });
    });
    group.bench_function("acquire a permit in three windows, and remove it", |bencher| {
        bencher.to_async(runtime).iter(|| async {
            let key = key();
            let spans = [MINUTE, MINUTE * 60, MINUTE * 1440];
            let windows = spans.map(|span| Window { span, limit: 10 });
            let claim =
                Acquire { permit_id: PermitId::new(), limits: vec![RateLimit::new(&key, windows)] };
            kv.acquire(&[claim]).await.expect("answers");
            // The memory holds half a million keys at most.
            kv.remove(&key).await.expect("answers");
        });
    });
    group.bench_function("note in a tally", |bencher| {
        bencher.to_async(runtime).iter(|| async {
            let event = Event::Started(key());
            let key = "haoma:tally:benchmark".to_owned();
            let event = OperationEvent { key, event, capacity: 200 };
            kv.record_operation(&[event]).await.expect("answers");
        });
    });
    group.finish();
}

/// On a Cluster both keys of a verification have to share a slot.
fn key() -> String {
    format!("haoma:{{benchmark}}:{}", Uuid::new_v4().simple())
}
