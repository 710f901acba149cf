//! What we build on, and how we build.

use std::{fs, path::Path};

use test_support::sources::files;

/// The least that is safe, one version for each line that is kept up (R118).
const LEAST: &[(&str, &[&str])] = &[
    ("actix-http", &["3.12.1"]),
    ("anyhow", &["1.0.103"]),
    ("bytes", &["1.11.1"]),
    ("diesel", &["2.3.10"]),
    ("diesel-async", &["0.9.0"]),
    ("event-listener", &["5.4.2"]),
    ("h2", &["0.4.16"]),
    ("imageproc", &["0.25.1", "0.26.2"]),
    ("lru", &["0.18.2"]),
    ("rand", &["0.8.6", "0.9.3", "0.10.1"]),
    ("redis", &["1.0.0"]),
    ("ring", &["0.17.12"]),
    ("rustls-webpki", &["0.103.13"]),
    ("tera", &["2.0.0"]),
    ("time", &["0.3.47"]),
];

/// Older all the same: whose they are, and why they cannot be newer. An entry goes when it is not needed.
const HELD_BACK: &[(&str, &str, &str)] = &[(
    "lru",
    "0.16.4",
    "mysql_async keeps prepared statements in it, under texts of ours; diesel-async 0.9 takes no newer one",
)];

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

type Version = [u32; 3];

fn version(text: &str) -> Version {
    let plain = text.split(['+', '-']).next().expect("numbers");
    let parts: Vec<u32> = plain.split('.').map(|it| it.parse().expect("a number")).collect();
    parts.try_into().expect("three numbers")
}

/// What Cargo takes for compatible.
fn line([major, minor, _]: Version) -> (u32, u32) {
    if major == 0 { (0, minor) } else { (major, 0) }
}

/// Whether a version is no older than the least one of its line, or of a line after all of these.
fn is_safe(found: Version, least: &[&str]) -> bool {
    let least: Vec<Version> = least.iter().map(|it| version(it)).collect();
    let of_line = least.iter().find(|it| line(**it) == line(found));
    of_line.map_or(least.iter().all(|it| *it < found), |it| *it <= found)
}

/// The crates that are built, with their versions.
fn locked() -> Vec<(String, Version)> {
    let lock = read("Cargo.lock");
    let packages = lock.split("[[package]]").skip(1).map(|it| {
        let value = |key: &str| {
            let start = format!("\n{key} = \"");
            it.split_once(&start).and_then(|(_, it)| it.split('"').next()).expect("a value")
        };
        (value("name").to_owned(), version(value("version")))
    });
    packages.collect()
}

/// R118.
#[test]
fn nothing_is_older_than_its_last_known_hole() {
    let locked = locked();
    assert!(locked.len() > 200, "the whole file is read");
    for name in ["actix-http", "diesel", "rand", "redis", "ring", "tera"] {
        assert!(locked.iter().any(|it| it.0 == name), "{name} is gone: mend the table");
    }
    let mut older = Vec::new();
    for (name, least) in LEAST {
        let found = locked.iter().filter(|it| it.0 == *name && !is_safe(it.1, least));
        older.extend(found.map(|(name, it)| (name.as_str(), *it)));
    }
    let held: Vec<_> = HELD_BACK.iter().map(|(name, it, _)| (*name, version(it))).collect();
    assert_eq!(older, held);
}

#[test]
fn a_version_is_judged_by_its_own_line() {
    let least = ["0.8.6", "0.9.3", "0.10.1"];
    for (found, is_good) in [
        ("0.8.5", false),
        ("0.8.6", true),
        ("0.9.2", false),
        ("0.9.3", true),
        ("0.10.0", false),
        ("0.11.0", true),
        ("0.7.3", false),
        ("1.0.0", true),
    ] {
        assert_eq!(is_safe(version(found), &least), is_good, "{found}");
    }
    assert!(!is_safe(version("2.3.9"), &["2.3.10"]) && is_safe(version("2.4.0"), &["2.3.10"]));
}

/// R119.
#[test]
fn our_own_code_is_safe_and_a_release_minds_overflows() {
    let manifest = read("Cargo.toml");
    for rule in [
        "unsafe_code = \"forbid\"",
        "overflow-checks = true",
        "unwrap_used = \"deny\"",
        "expect_used = \"deny\"",
        "indexing_slicing = \"deny\"",
        "panic = \"deny\"",
    ] {
        assert!(manifest.lines().any(|it| it == rule), "{rule}");
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let crates = files(&root.join("crates")).into_iter().filter(|it| it.ends_with("Cargo.toml"));
    for manifest in crates.chain([root.join("Cargo.toml")]) {
        let text = fs::read_to_string(&manifest).expect("readable");
        assert!(text.contains("[lints]\nworkspace = true"), "{}", manifest.display());
    }
}
