//! Faults while people register: acknowledged writes stay, others are complete or absent, and codes that were used up
//! are not revived.
//!
//! `scripts/test chaos` injects every fault, and for longer; `scripts/test soak` injects none for ten minutes.

mod clients;
mod env;
mod full_disk;
mod invariants;
mod rolling_restart;
mod site;
mod soak;

use std::time::Duration;

use test_support::{
    databases::{mysql_server, redis_server, variable},
    processes::Process,
};
use tokio::time::sleep;

use self::{
    clients::{Clients, Registration},
    env::{ChaosEnv, Fault, Store},
    invariants::{assert_all_is_well, assert_the_rest_registers_anew},
};

/// Returns the seconds of load around every fault of the long form: `CHAOS_SECONDS`.
fn long() -> Duration {
    Duration::from_secs(variable("CHAOS_SECONDS").map_or(20, |text| text.parse().expect("seconds")))
}

/// Injects one fault after another while clients register, and checks the invariants.
async fn disturb(env: &mut ChaosEnv, load: Duration, faults: &[Fault]) -> Vec<Registration> {
    let mut registrations = Vec::new();
    for fault in faults {
        let clients = Clients::start(&env.site);
        sleep(load / 2).await;
        env.inject(*fault).await;
        sleep(load / 2).await;
        let newest = clients.stop().await;
        tell(*fault, &newest);
        registrations.extend(newest);
        assert_all_is_well(env, &registrations).await;
    }
    registrations
}

#[expect(clippy::print_stdout, reason = "how much was tried")]
fn tell(fault: Fault, registrations: &[Registration]) {
    let acknowledged =
        registrations.iter().filter(|registration| registration.registered.is_some()).count();
    let refused = registrations
        .iter()
        .flat_map(|registration| &registration.answers)
        .flatten()
        .filter(|reply| reply.0 == 503)
        .count();
    let unanswered = registrations
        .iter()
        .flat_map(|registration| &registration.answers)
        .filter(|reply| reply.is_none())
        .count();
    println!(
        "{fault:?}: {} numbers, {acknowledged} acknowledged, {refused} times 503, \
         {unanswered} times no answer",
        registrations.len()
    );
}

/// R131, R133, R134.
#[tokio::test]
async fn after_any_process_is_killed_acknowledged_writes_and_used_codes_stay() {
    if mysql_server().is_none() || redis_server().is_none() {
        return;
    }
    let mut env = ChaosEnv::on(Process::persistent_redis().await).await;
    let some = [Fault::KillHaoma, Fault::Kill(Store::Redis), Fault::Kill(Store::Database)];
    let registrations = disturb(&mut env, Duration::from_secs(5), &some).await;
    assert_the_rest_registers_anew(&env, &registrations, false).await;
}

/// R129, R131–R134.
#[tokio::test]
#[ignore = "minutes: `scripts/test chaos`"]
async fn under_every_fault_acknowledged_writes_stay_and_none_is_half_done() {
    let mut env = ChaosEnv::on(Process::persistent_redis().await).await;
    let registrations = disturb(&mut env, long(), &Fault::ALL).await;
    assert_the_rest_registers_anew(&env, &registrations, true).await;
}

/// Used codes are not revived even if Redis loses everything, and the SMS log still has every message.
#[tokio::test]
#[ignore = "minutes: `scripts/test chaos`"]
async fn a_flushed_redis_revives_no_used_code() {
    let mut env = ChaosEnv::on(Process::redis().await).await;
    let all = [Fault::Kill(Store::Redis), Fault::KillHaoma, Fault::Kill(Store::Redis)];
    let registrations = disturb(&mut env, long(), &all).await;
    assert_the_rest_registers_anew(&env, &registrations, true).await;
}
