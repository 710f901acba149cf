//! `.env.example` is complete and tells the truth.

use std::{collections::BTreeMap, fs, path::Path};

use haoma::config::Config;

use super::{KEY, env};

/// Every variable in `.env.example`, with the value it shows.
pub(crate) fn example() -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".env.example");
    let text = fs::read_to_string(path).expect("`.env.example`");
    let mut shown = BTreeMap::new();
    let mut is_explained = false;
    for line in text.lines() {
        let bare = line.strip_prefix('#').unwrap_or(line);
        let is_name = |it: &str| {
            it.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_')
        };
        match bare.split_once('=').filter(|(name, _)| !name.is_empty() && is_name(name)) {
            Some((name, value)) => {
                assert!(is_explained, "no sentence above {name}");
                assert!(shown.insert(name.to_owned(), value.to_owned()).is_none(), "{name} twice");
            }
            None => is_explained = line.starts_with("# "),
        }
    }
    shown
}

#[test]
fn the_example_has_every_variable_and_no_other() {
    let (asked, shown) = (Config::setting_names(), example());

    let missing: Vec<_> = asked.iter().filter(|it| !shown.contains_key(**it)).collect();
    let surplus: Vec<_> = shown.keys().filter(|it| !asked.contains(it.as_str())).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "missing {missing:?}, surplus {surplus:?}");
}

#[test]
fn the_example_shows_the_true_defaults() {
    let shown = example();
    // A line without a value shows that there is no default: it is to be filled in.
    let pairs = shown.iter().map(|(name, it)| (name.as_str(), it.as_str()));
    let pairs: Vec<_> = pairs.filter(|(_, it)| !it.is_empty()).collect();

    let shown = Config::from_env(env(&[&pairs[..], &[KEY]].concat())).expect("settings");

    let default = Config::from_env(env(&[KEY])).expect("the defaults");
    assert_eq!(format!("{shown:?}"), format!("{default:?}"));
}
