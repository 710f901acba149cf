//! Every page in every state fits every screen. Takes pictures of them if `TEST_SCREENSHOTS` names a folder.

use std::{fs, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use haoma::i18n::language::LANGUAGES;
use serde_json::json;
use test_support::databases::variable;
use tokio::time::sleep;

use crate::{
    branding, error_states,
    person::{Person, Script, on_sqlite, on_stoppable_mysql},
    states,
};

/// Below a field is room for one line. A second one moves the controls below it, a third would be too many.
const TOO_HIGH: &str = "
    const said = document.querySelectorAll('.field > .problem, .field > .hint:not(.without-script), .field > .notice');
    const room = (it) => parseFloat(getComputedStyle(it).minHeight);
    const line = 20;
    return [...said].filter((it) => it.offsetHeight > Math.max(room(it), 34) + line + 1).map((it) => it.textContent);";

/// Until a browser has asked for the picture of another scheme.
const SCHEME_CHANGE: Duration = Duration::from_millis(200);

#[tokio::test]
async fn every_state_fits_every_screen_in_chinese() {
    on_sqlite(&states::SETTINGS, Script::On, async |person| {
        states::walk(person, "zh-CN", async |state| fit(person, "zh-CN", state).await).await;
    })
    .await;
}

#[tokio::test]
async fn every_state_fits_every_screen_in_english() {
    on_sqlite(&states::SETTINGS, Script::On, async |person| {
        states::walk(person, "en", async |state| fit(person, "en", state).await).await;
    })
    .await;
}

#[tokio::test]
async fn every_state_fits_every_screen_in_traditional_chinese() {
    on_sqlite(&states::SETTINGS, Script::On, async |person| {
        states::walk(person, "zh-TW", async |state| fit(person, "zh-TW", state).await).await;
    })
    .await;
}

#[tokio::test]
async fn every_state_fits_every_screen_in_japanese() {
    on_sqlite(&states::SETTINGS, Script::On, async |person| {
        states::walk(person, "ja", async |state| fit(person, "ja", state).await).await;
    })
    .await;
}

#[tokio::test]
async fn every_state_fits_every_screen_in_korean() {
    on_sqlite(&states::SETTINGS, Script::On, async |person| {
        states::walk(person, "ko", async |state| fit(person, "ko", state).await).await;
    })
    .await;
}

/// The menu of countries, with the languages opened beside it.
#[tokio::test]
async fn a_choice_of_countries_fits_every_screen() {
    for script in [Script::On, Script::Off] {
        on_sqlite(&[("SMS_REGIONS", "*")], script, async |person| {
            let plain = if script == Script::On { "" } else { "-plain" };
            for language in LANGUAGES {
                for (name, page) in [("login", "/login?"), ("password", "/login?by=password&")] {
                    let tag = language.tag();
                    person.open(&format!("{page}lang={tag}")).await;
                    fit(person, &format!("{tag}{plain}"), &format!("{name}-countries")).await;
                    person.click(".languages summary").await;
                    fit(person, &format!("{tag}{plain}"), &format!("{name}-languages")).await;
                }
            }
        })
        .await;
    }
}

#[tokio::test]
async fn every_state_fits_every_screen_without_scripts() {
    on_sqlite(&states::SETTINGS, Script::Off, async |person| {
        states::walk(person, "zh-CN", async |state| fit(person, "zh-CN-plain", state).await).await;
    })
    .await;
}

#[tokio::test]
async fn every_error_state_fits_every_screen_in_chinese() {
    on_stoppable_mysql(&error_states::SETTINGS, Script::On, async |person, database| {
        error_states::walk(person, database, "zh-CN", async |state| {
            fit(person, "zh-CN", state).await;
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn every_error_state_fits_every_screen_in_english() {
    on_stoppable_mysql(&error_states::SETTINGS, Script::On, async |person, database| {
        error_states::walk(person, database, "en", async |state| fit(person, "en", state).await)
            .await;
    })
    .await;
}

#[tokio::test]
async fn every_error_state_fits_every_screen_in_further_languages() {
    for language in ["zh-TW", "ja", "ko"] {
        on_stoppable_mysql(&error_states::SETTINGS, Script::On, async |person, database| {
            let look = async |text: &str| fit(person, language, text).await;
            error_states::walk(person, database, language, look).await;
        })
        .await;
    }
}

#[tokio::test]
async fn every_error_state_fits_every_screen_without_scripts() {
    on_stoppable_mysql(&error_states::SETTINGS, Script::Off, async |person, database| {
        let look = async |text: &str| fit(person, "zh-CN-plain", text).await;
        error_states::walk(person, database, "zh-CN", look).await;
    })
    .await;
}

#[tokio::test]
async fn a_long_name_and_every_optional_field_fit_every_screen() {
    on_sqlite(&branding::SETTINGS, Script::On, async |person| {
        for language in ["zh-CN", "en"] {
            branding::walk(person, language, async |state| fit(person, language, state).await)
                .await;
        }
    })
    .await;
}

async fn fit(person: &Person<'_>, series: &str, state: &str) {
    for (width, height) in [(320, 568), (360, 740), (390, 844), (1280, 800)] {
        person.set_viewport(width, height).await;
        let (reaches, seen) = person.widths().await;
        assert!(reaches <= seen, "{state} {series}: {reaches} of {seen}");
        if width == 360 {
            assert_eq!(person.run(TOO_HIGH).await, json!([]), "{state} {series}");
        }
        if width > 320 {
            photograph(person, &format!("{state}-{series}-{width}")).await;
        }
    }
}

async fn photograph(person: &Person<'_>, name: &str) {
    let Some(folder) = variable("TEST_SCREENSHOTS") else { return };
    fs::create_dir_all(&folder).expect("a folder");
    for scheme in ["light", "dark"] {
        let likings = [("prefers-color-scheme", scheme), ("prefers-reduced-motion", "reduce")];
        person.prefer(&likings).await;
        let picture = BASE64_STANDARD.decode(person.photograph().await).expect("base64");
        fs::write(format!("{folder}/{name}-{scheme}.png"), picture).expect("a file");
    }
    person.prefer(&[]).await;
    // A captcha of another scheme is another one, which is drawn before its answer is typed.
    let drawn = "return [...document.querySelectorAll('.picture img')].every((it) => \
        !it.checkVisibility() || it.complete && it.naturalWidth > 0)";
    sleep(SCHEME_CHANGE).await;
    person.until("pictures", async || (person.run(drawn).await == true).then_some(())).await;
}
