//! Passwords: checking a new one against the policy, hashing it, and verifying one.

use criterion::{Criterion, SamplingMode};
use haoma::domain::{
    password::{Password, PasswordPolicy},
    password_hash::PasswordHash,
};

const TYPED: &str = "correct horse 7";

pub(crate) fn bench(criterion: &mut Criterion) {
    let policy = PasswordPolicy::default();
    let password = Password::chosen(TYPED, policy).expect("a good one");
    let mut group = criterion.benchmark_group("password");
    group.bench_function("judge", |bencher| bencher.iter(|| Password::chosen(TYPED, policy)));
    // A hash at full cost takes a good part of a second, so ten samples are enough.
    group.sampling_mode(SamplingMode::Flat);
    for (name, iterations, samples) in [("1 000", 1_000, 100), ("600 000", 600_000, 10)] {
        group.sample_size(samples);
        group.bench_function(format!("hash, {name} iterations"), |bencher| {
            bencher.iter(|| PasswordHash::make(&password, iterations));
        });
        let stored = PasswordHash::make(&password, iterations).to_stored();
        group.bench_function(format!("check, {name} iterations"), |bencher| {
            bencher
                .iter(|| PasswordHash::parse(&stored).is_some_and(|hash| hash.verify(&password)));
        });
    }
    group.finish();
}
