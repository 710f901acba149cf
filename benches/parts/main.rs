//! The cost of single parts of Haoma: `cargo bench`, or `scripts/bench parts` with a Redis.
#![expect(
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a benchmark falls over when something is odd, and says what it could not measure"
)]

mod captcha;
mod kv;
mod mobile;
mod page;
mod password;
mod send;
mod service;

use criterion::Criterion;
use rustls::crypto::ring;

fn main() {
    // The client of providers needs one, although no request here uses TLS.
    ring::default_provider().install_default().expect("the first");
    let mut criterion = Criterion::default().configure_from_args();
    mobile::bench(&mut criterion);
    password::bench(&mut criterion);
    captcha::bench(&mut criterion);
    kv::bench(&mut criterion);
    page::bench(&mut criterion);
    send::bench(&mut criterion);
    criterion.final_summary();
}
