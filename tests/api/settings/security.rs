//! `docs/security.md` lists all limits with their real defaults (R144).

use std::{collections::BTreeMap, fs, path::Path};

use test_support::sources::example;

/// Returns the rows of the table of limits: setting and default.
fn documented() -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/security.md");
    let text = fs::read_to_string(path).expect("`docs/security.md`");
    let cells = |row: &str| row.split('|').map(|part| part.trim().to_owned()).collect::<Vec<_>>();
    let rows = text.lines().filter(|line| line.starts_with("| `")).map(cells);
    rows.map(|cells| (cells[1].trim_matches('`').to_owned(), cells[2].clone())).collect()
}

#[test]
fn documented_limits_are_the_limits_of_the_code() {
    let (documented, shown) = (documented(), example());
    for (name, default) in &documented {
        assert_eq!(shown.get(name), Some(default), "{name}: the code's is on the left");
    }
    // Limits are recognised by their names; variables of vendors do not count.
    let bounds = [
        "CAPTCHA",
        "MAX_",
        "REGISTRATIONS_",
        "SMS_VERIFIED_",
        "POW",
        "SMS_RESEND",
        "SMS_PER_",
        "SMS_CODE_",
        "SIGN_IN_",
        "PASSWORD_",
        "SESSION_",
    ];
    let missing: Vec<_> = shown
        .keys()
        .filter(|key| bounds.iter().any(|start| key.starts_with(start)))
        .filter(|bound| !documented.contains_key(*bound))
        .collect();
    assert!(missing.is_empty(), "docs/security.md does not tell {missing:?}");
}
