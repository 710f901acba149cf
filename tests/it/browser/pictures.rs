//! Every page in every state fits every screen; and pictures of them, where `HAOMA_SCREENSHOTS` names a folder.

use std::fs;

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::{
    person::{Person, Script, on_plain_home},
    states::{SETTINGS, walk},
};
use crate::databases::variable;

#[tokio::test]
async fn every_state_fits_every_screen_in_chinese() {
    on_plain_home(&SETTINGS, Script::On, async |person| fit(person, "zh-CN").await).await;
}

#[tokio::test]
async fn every_state_fits_every_screen_in_english() {
    on_plain_home(&SETTINGS, Script::On, async |person| fit(person, "en").await).await;
}

#[tokio::test]
async fn every_state_fits_every_screen_without_scripts() {
    on_plain_home(&SETTINGS, Script::Off, async |person| fit(person, "zh-CN-plain").await).await;
}

async fn fit(person: &Person<'_>, series: &str) {
    let language = series.trim_end_matches("-plain");
    walk(person, language, async |state| {
        for (width, height) in [(320, 568), (360, 740), (1280, 800)] {
            person.hold(width, height).await;
            let (reaches, seen) = person.widths().await;
            assert!(reaches <= seen, "{state} {series}: {reaches} of {seen}");
            if width > 320 {
                photograph(person, &format!("{state}-{series}-{width}")).await;
            }
        }
    })
    .await;
}

async fn photograph(person: &Person<'_>, name: &str) {
    let Some(folder) = variable("HAOMA_SCREENSHOTS") else { return };
    fs::create_dir_all(&folder).expect("a folder");
    for scheme in ["light", "dark"] {
        let likings = [("prefers-color-scheme", scheme), ("prefers-reduced-motion", "reduce")];
        person.prefer(&likings).await;
        let picture = BASE64_STANDARD.decode(person.photograph().await).expect("base64");
        fs::write(format!("{folder}/{name}-{scheme}.png"), picture).expect("a file");
    }
    person.prefer(&[]).await;
}
