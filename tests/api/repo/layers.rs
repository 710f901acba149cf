//! A layer imports only the layers below it.

use std::{fs, path::Path};

use test_support::sources::files;

/// The layers from the top down; each may import those below it.
const LAYERS: [&[&str]; 11] = [
    &["commands"],
    &["application"],
    &["checks"],
    &["http"],
    &["config"],
    &["flows"],
    &["stores", "sms", "i18n"],
    &["domain"],
    &["errors"],
    &["logging", "metrics"],
    &[],
];

/// `config` fills in the settings of the layers below it, and `http` reads it.
#[test]
fn layers_import_only_those_below() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for file in files(&source)
        .into_iter()
        .filter(|it| it.extension().is_some_and(|extension| extension == "rs"))
    {
        let inside = file.strip_prefix(&source).expect("inside").to_string_lossy().into_owned();
        let module = inside.split(['/', '.']).next().unwrap_or_default().to_owned();
        let text = fs::read_to_string(&file).expect("readable");
        for named in named_in(&text) {
            if !may_name(&module, &named) {
                wrong.push(format!("{inside} names {named}"));
            }
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn may_name(module: &str, named: &str) -> bool {
    let layer = |name: &str| LAYERS.iter().position(|text| text.contains(&name));
    match (layer(module), layer(named)) {
        _ if module == named => true,
        (Some(own), Some(other)) => own < other,
        // `main` and `lib` may import everything. Any other module has to be in the list.
        (None, _) => matches!(module, "main" | "lib"),
        (Some(_), None) => false,
    }
}

/// Returns the modules that a file names after `crate::`, also in grouped imports.
fn named_in(text: &str) -> Vec<String> {
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let mut named = Vec::new();
    for after in code.split("crate::").skip(1) {
        let Some(group) = after.strip_prefix('{') else {
            named.push(word(after));
            continue;
        };
        let mut depth = 0_u32;
        let mut at_start = true;
        for (index, letter) in group.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => at_start = true,
                letter if at_start && depth == 0 && letter.is_alphabetic() => {
                    named.push(word(group.get(index..).unwrap_or_default()));
                    at_start = false;
                }
                _ => {}
            }
        }
    }
    named
}

fn word(text: &str) -> String {
    text.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect()
}
