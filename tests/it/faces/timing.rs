//! How long answers take: measured on request, never judged.

use std::time::{Duration, Instant};

use super::sameness::{OFTEN, numbers};
use crate::{face::Face, haoma::on_each_with};

/// SECURITY R63, to be looked at, not judged by: on a busy machine times tell little.
/// `TIMING_SAMPLES=500 cargo test --test it --locked -- --nocapture the_times_of`.
#[tokio::test]
#[expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a measurement on request")]
async fn the_times_of_known_and_unknown_numbers_are_measured() {
    let samples = std::env::var("TIMING_SAMPLES").ok().and_then(|it| it.parse().ok());
    let Some(samples) = samples else { return };
    let often = [("PASSWORD_ITERATIONS", "600000"), ("SIGN_IN_FAILURES", "100")];
    on_each_with(&[&OFTEN[..], &often].concat(), async |haoma| {
        let mut times = [const { Vec::new() }; 3];
        let mut numbers = numbers(haoma).await;
        for sample in 0..samples {
            // Before the account's failures ask for a captcha.
            if sample % 9 == 8 {
                numbers = super::sameness::numbers(haoma).await;
            }
            for (mobile, times) in numbers.iter().zip(&mut times) {
                let begun = Instant::now();
                Face::Json.signs_in(&haoma.visitor(), mobile, PASSWORD_NOT).await;
                times.push(begun.elapsed());
            }
        }
        let median = |times: &Vec<Duration>| {
            let mut sorted = times.clone();
            sorted.sort_unstable();
            sorted[sorted.len() / 2]
        };
        // The share of pairs in which the first is slower: 0.5 tells nothing.
        let area = |one: &Vec<Duration>, other: &Vec<Duration>| {
            let slower = one.iter().map(|it| other.iter().filter(|than| it > *than).count());
            let pairs = one.len() * other.len();
            f64::from(u32::try_from(slower.sum::<usize>()).expect("few"))
                / f64::from(u32::try_from(pairs).expect("few"))
        };
        let [known, unknown, locked] = &times;
        println!(
            "median known {:?}, unknown {:?}, locked {:?}; AUC known/unknown {:.2}, known/locked {:.2}",
            median(known),
            median(unknown),
            median(locked),
            area(known, unknown),
            area(known, locked),
        );
    })
    .await;
}

/// Not the one they have.
const PASSWORD_NOT: &str = "wrong horse 7";
