//! Half of the maximum load for ten minutes or `SOAK_SECONDS`: no resource grows.

use std::{fs, time::Duration};

use test_support::{databases::variable, processes::Process};
use tokio::{
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, sleep},
};

use super::{
    clients::{Clients, Registration, register},
    env::ChaosEnv,
    invariants::{assert_all_is_well, counts},
};

/// The time in which the maximum load is measured.
const TRIAL: Duration = Duration::from_secs(10);

/// The resources in use.
#[derive(Debug)]
struct Held {
    /// Kilobytes of both Haomas.
    memory: [u64; 2],
    /// Connections to MariaDB and to Redis.
    connections: [u64; 2],
}

/// Compares the mean of the third tenth of the time with that of the last.
#[tokio::test]
#[ignore = "ten minutes: `scripts/test soak`"]
async fn at_half_of_its_capacity_no_resource_grows_and_no_request_fails() {
    let lasts = variable("SOAK_SECONDS").map_or(600, |text| text.parse().expect("seconds"));
    let env = ChaosEnv::on(Process::persistent_redis().await).await;
    let clients = Clients::start(&env.site);
    sleep(TRIAL).await;
    let tried = clients.stop().await;
    let capacity = tried.iter().filter(|registration| registration.registered.is_some()).count();
    let pace = TRIAL * 2 / u32::try_from(capacity).expect("some");

    let (registrations, seen) = soak(&env, pace, Duration::from_secs(lasts)).await;

    let [third, last] =
        [3, 10].map(|tenth| mean(&seen[seen.len() * (tenth - 1) / 10..seen.len() * tenth / 10]));
    tell(capacity, registrations.len(), &third, &last);
    let failed = registrations.iter().find(|registration| !registration.is_signed_out);
    assert!(failed.is_none(), "{failed:?}: {}", env.logs());
    for (before, after) in third.memory.into_iter().zip(last.memory) {
        assert!(after * 100 <= before * 105, "memory grows: {third:?}, {last:?}");
    }
    for (before, after) in third.connections.into_iter().zip(last.connections) {
        assert!(after <= before, "connections leak: {third:?}, {last:?}");
    }
    let newest = registrations.len().saturating_sub(500);
    assert_all_is_well(&env, &registrations[newest..]).await;
}

#[expect(clippy::print_stdout, reason = "a measurement")]
fn tell(capacity: usize, registered: usize, third: &Held, last: &Held) {
    println!(
        "{capacity} registrations in {} s at most; then {registered} at half of that; in the third tenth \
         of the time {third:?}, in the last {last:?}",
        TRIAL.as_secs()
    );
}

/// Starts registrations at a constant rate, and samples the resources every second.
async fn soak(env: &ChaosEnv, pace: Duration, lasts: Duration) -> (Vec<Registration>, Vec<Held>) {
    let (mut clients, mut registrations, mut seen) = (JoinSet::new(), Vec::new(), Vec::new());
    let begun = Instant::now();
    let mut next = interval(pace);
    next.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for turn in 0.. {
        next.tick().await;
        if begun.elapsed() >= lasts {
            break;
        }
        if begun.elapsed().as_secs() > u64::try_from(seen.len()).expect("seconds") {
            seen.push(held(env).await);
        }
        let site = env.site.clone();
        clients.spawn(async move { register(&site, turn, 1).await });
        while let Some(registration) = clients.try_join_next() {
            registrations.push(registration.expect("no panic"));
        }
    }
    registrations.extend(clients.join_all().await);
    (registrations, seen)
}

async fn held(env: &ChaosEnv) -> Held {
    let memory = env.apps.each_ref().map(|server| {
        let status =
            fs::read_to_string(format!("/proc/{}/status", server.id())).expect("a process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        line.trim().trim_end_matches(" kB").parse().expect("kilobytes")
    });
    let query = "SELECT 'all', COUNT(*) FROM information_schema.processlist";
    let database = counts(env, query).await.values().sum();
    Held { memory, connections: [database, env.site.clients_of_redis().await] }
}

fn mean(seen: &[Held]) -> Held {
    let number = u64::try_from(seen.len()).expect("few");
    assert!(number > 0, "too short");
    let of = |it: &dyn Fn(&Held) -> u64| seen.iter().map(it).sum::<u64>().div_ceil(number);
    Held {
        memory: [of(&|held| held.memory[0]), of(&|held| held.memory[1])],
        connections: [of(&|held| held.connections[0]), of(&|held| held.connections[1])],
    }
}
