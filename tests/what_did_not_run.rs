//! Prints what the tests before this one could not try. Cargo runs test targets in the order of their names, so it
//! comes last; it has no tests of its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Write as _},
};

use test_support::not_run;

/// What `scripts/test` provides: the variable that names it, and what it is.
const PARTS: [(&str, &str); 17] = [
    ("TEST_MYSQL_URL", "MySQL or MariaDB"),
    ("TEST_REDIS_URL", "Redis"),
    ("TEST_REDIS_CLUSTERS", "a Redis Cluster"),
    ("TEST_GALERA_URLS", "two MariaDB that replicate"),
    ("TEST_WEBDRIVER_URL", "Chromium and chromedriver"),
    ("TEST_NODE_MODULES", "the packages from npm"),
    ("TEST_OPENAPI_NODE_MODULES", "the npm packages that read the OpenAPI document"),
    ("TEST_OPENAPI_PYTHON", "openapi-python-client"),
    ("TEST_NGINX", "nginx"),
    ("TEST_CADDY", "Caddy"),
    ("TEST_HAPROXY", "HAProxy"),
    ("TEST_TRAEFIK", "Traefik"),
    ("TEST_CURL", "curl"),
    ("TEST_SCHEMATHESIS", "Schemathesis"),
    ("TEST_RELYING_PARTY_NODE_MODULES", "openid-client"),
    ("TEST_AUTHLIB", "Authlib"),
    ("TEST_APACHE", "Apache with mod_auth_openidc"),
];

/// Which tests went without which part.
type Missing = BTreeMap<String, BTreeSet<String>>;

fn main() -> io::Result<()> {
    // Programs that list tests, such as nextest, find none here.
    if std::env::args().any(|argument| argument == "--list") {
        return Ok(());
    }
    let (mut missing, mut remarks) = (Missing::new(), BTreeSet::new());
    for file in fs::read_dir(not_run::folder())? {
        let file = file?;
        if !file.file_name().to_string_lossy().starts_with(not_run::PREFIX) {
            continue;
        }
        for line in fs::read_to_string(file.path())?.lines() {
            match line.split_once('\t') {
                Some(("", remark)) => {
                    remarks.insert(remark.to_owned());
                }
                Some((part, test)) => {
                    missing.entry(part.to_owned()).or_default().insert(test.to_owned());
                }
                None => {}
            }
        }
        fs::remove_file(file.path())?;
    }
    let mut out = io::stdout().lock();
    for remark in remarks {
        writeln!(out, "Note: {remark}")?;
    }
    if missing.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nNOT RUN, or not in full (`scripts/test` runs everything):")?;
    for (part, tests) in &missing {
        let what = PARTS.iter().find(|(name, _)| name == part).map_or("", |(_, what)| what);
        writeln!(out, "  without {what} ({part} is not set), {} tests:", tests.len())?;
        for (group, count) in groups(tests) {
            writeln!(out, "    {group} ({count})")?;
        }
    }
    writeln!(out)
}

/// The files of the tests, each with how many of its tests are meant.
fn groups(tests: &BTreeSet<String>) -> BTreeMap<&str, usize> {
    let mut groups = BTreeMap::new();
    for test in tests {
        let group = test.rsplit_once("::").map_or(test.as_str(), |(group, _)| group);
        *groups.entry(group).or_default() += 1;
    }
    groups
}
