//! Prints after the tests of this crate that they ran without MySQL, if they did. Cargo runs test targets in the order of
//! their names, so this one comes last; it has no tests of its own.

use std::io::{self, Write as _};

#[expect(clippy::disallowed_methods, reason = "where the test server is, no configuration")]
fn main() -> io::Result<()> {
    // Programs that list tests, such as nextest, find none here.
    let is_listing = std::env::args().any(|argument| argument == "--list");
    if is_listing || std::env::var("TEST_MYSQL_URL").is_ok_and(|url| !url.is_empty()) {
        return Ok(());
    }
    writeln!(
        io::stdout(),
        "\nNOT RUN: haoma-db on MySQL or MariaDB (TEST_MYSQL_URL is not set; `scripts/test` runs everything)"
    )
}
