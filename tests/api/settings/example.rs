//! `.env.example` is complete and correct.

use haoma::config::Config;
use test_support::sources::example;

use super::{KEY, env};

#[test]
fn the_example_has_every_variable_and_no_other() {
    let (asked, shown) = (Config::setting_names(), example());

    let missing: Vec<_> =
        asked.iter().filter(|response| !shown.contains_key(response.as_ref())).collect();
    let surplus: Vec<_> = shown.keys().filter(|key| !asked.contains(key.as_str())).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "missing {missing:?}, surplus {surplus:?}");
}

#[test]
fn the_example_shows_the_true_defaults() {
    let shown = example();
    // A line without a value has no default and has to be filled in.
    let pairs = shown.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let pairs: Vec<_> = pairs.filter(|(_, value)| !value.is_empty()).collect();

    let shown = Config::from_env(env(&[&pairs[..], &[KEY]].concat())).expect("settings");

    let default = Config::from_env(env(&[KEY])).expect("the defaults");
    assert_eq!(format!("{shown:?}"), format!("{default:?}"));
}
