//! How the crates of this repository are built. `cargo deny` checks those of others (deny.toml).

use std::{fs, path::Path};

use test_support::sources::files;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// R119.
#[test]
fn unsafe_code_is_forbidden_and_releases_check_overflows() {
    let manifest = read("Cargo.toml");
    for rule in [
        "unsafe_code = \"forbid\"",
        "overflow-checks = true",
        "unwrap_used = \"deny\"",
        "expect_used = \"deny\"",
        "indexing_slicing = \"deny\"",
        "panic = \"deny\"",
    ] {
        assert!(manifest.lines().any(|line| line == rule), "{rule}");
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let crates =
        files(&root.join("crates")).into_iter().filter(|text| text.ends_with("Cargo.toml"));
    for manifest in crates.chain([root.join("Cargo.toml")]) {
        let text = fs::read_to_string(&manifest).expect("readable");
        assert!(text.contains("[lints]\nworkspace = true"), "{}", manifest.display());
    }
}
