//! Many people at half of what it can do, for ten minutes or as long as `SOAK_SECONDS` says: nothing grows.

use std::{fs, time::Duration};

use test_support::{databases::variable, processes::Process};
use tokio::{
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, sleep},
};

use super::{
    crowd::{Crowd, Story, register},
    env::ChaosEnv,
    invariants::{assert_all_is_well, counts},
};

/// For so long it does what it can, which is measured.
const TRIAL: Duration = Duration::from_secs(10);

/// What it holds.
#[derive(Debug)]
struct Held {
    /// Kilobytes of both Haomas.
    memory: [u64; 2],
    /// Connections to MariaDB, and to Redis.
    connections: [u64; 2],
}

/// Means of what it held in the third tenth of the time, and in the last.
#[tokio::test]
#[ignore = "ten minutes: `scripts/test soak`"]
async fn at_half_of_what_it_can_do_nothing_grows_and_nothing_fails() {
    let lasts = variable("SOAK_SECONDS").map_or(600, |it| it.parse().expect("seconds"));
    let world = ChaosEnv::on(Process::lasting_redis().await).await;
    let crowd = Crowd::gather(&world.site);
    sleep(TRIAL).await;
    let tried = crowd.leave().await;
    let capacity = tried.iter().filter(|it| it.registered.is_some()).count();
    let pace = TRIAL * 2 / u32::try_from(capacity).expect("some");

    let (stories, seen) = soak(&world, pace, Duration::from_secs(lasts)).await;

    let [third, last] =
        [3, 10].map(|tenth| mean(&seen[seen.len() * (tenth - 1) / 10..seen.len() * tenth / 10]));
    tell(capacity, stories.len(), &third, &last);
    let failed = stories.iter().find(|it| !it.is_signed_out);
    assert!(failed.is_none(), "{failed:?}: {}", world.logs());
    for (before, after) in third.memory.into_iter().zip(last.memory) {
        assert!(after * 100 <= before * 105, "memory grows: {third:?}, {last:?}");
    }
    for (before, after) in third.connections.into_iter().zip(last.connections) {
        assert!(after <= before, "connections leak: {third:?}, {last:?}");
    }
    let newest = stories.len().saturating_sub(500);
    assert_all_is_well(&world, &stories[newest..]).await;
}

#[expect(clippy::print_stdout, reason = "a measurement")]
fn tell(capacity: usize, registered: usize, third: &Held, last: &Held) {
    println!(
        "{capacity} registrations in {} s at most; then {registered} at half of that; in the third tenth \
         of the time {third:?}, in the last {last:?}",
        TRIAL.as_secs()
    );
}

/// One registration after another begins; every second it is looked at what is held.
async fn soak(world: &ChaosEnv, pace: Duration, lasts: Duration) -> (Vec<Story>, Vec<Held>) {
    let (mut people, mut stories, mut seen) = (JoinSet::new(), Vec::new(), Vec::new());
    let begun = Instant::now();
    let mut next = interval(pace);
    next.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for turn in 0.. {
        next.tick().await;
        if begun.elapsed() >= lasts {
            break;
        }
        if begun.elapsed().as_secs() > u64::try_from(seen.len()).expect("seconds") {
            seen.push(held(world).await);
        }
        let site = world.site.clone();
        people.spawn(async move { register(&site, turn, 1).await });
        while let Some(story) = people.try_join_next() {
            stories.push(story.expect("no panic"));
        }
    }
    stories.extend(people.join_all().await);
    (stories, seen)
}

async fn held(world: &ChaosEnv) -> Held {
    let memory = world.haomas.each_ref().map(|it| {
        let status = fs::read_to_string(format!("/proc/{}/status", it.id())).expect("a process");
        let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:")).expect("its memory");
        line.trim().trim_end_matches(" kB").parse().expect("kilobytes")
    });
    let query = "SELECT 'all', COUNT(*) FROM information_schema.processlist";
    let database = counts(world, query).await.values().sum();
    Held { memory, connections: [database, world.site.clients_of_redis().await] }
}

fn mean(seen: &[Held]) -> Held {
    let number = u64::try_from(seen.len()).expect("few");
    assert!(number > 0, "too short");
    let of = |it: &dyn Fn(&Held) -> u64| seen.iter().map(it).sum::<u64>().div_ceil(number);
    Held {
        memory: [of(&|it| it.memory[0]), of(&|it| it.memory[1])],
        connections: [of(&|it| it.connections[0]), of(&|it| it.connections[1])],
    }
}
