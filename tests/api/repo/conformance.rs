//! The table of what an OpenID Provider has to do names tests that exist.

use std::{fs, path::Path};

#[test]
fn every_test_that_the_table_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = fs::read_to_string(root.join("tests/openid-conformance.md")).expect("readable");
    let mut named = 0;
    for name in table.split('`').skip(1).step_by(2).filter(|text| text.contains("::")) {
        let (module, test) = name.rsplit_once("::").expect("a path");
        if test == "…" {
            continue;
        }
        let folder = if module.starts_with("browser") { "" } else { "api/" };
        let file = root.join(format!("tests/{folder}{}.rs", module.replace("::", "/")));
        let source = fs::read_to_string(&file).unwrap_or_default();
        assert!(source.contains(&format!("fn {test}()")), "{name} is not in {}", file.display());
        named += 1;
    }
    assert!(named > 40, "{named}");
}
