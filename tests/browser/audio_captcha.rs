//! The audio captcha, used by keyboard alone.

use fantoccini::key::Key;
use serde_json::Value;
use test_support::app::fresh_mobile;

use crate::person::{Person, Script, on_each_with};

/// Returns the length of the recording as soon as the player has loaded it; waits half a minute at most.
async fn is_playing(person: &Person<'_>, id: &str) -> f64 {
    person
        .until("recording", async || {
            let script = "const it = document.getElementById('audio'); \
                return [it.currentSrc, it.duration, it.played.length, it.error && it.error.message]";
            let player = person.run(script).await;
            let is_it = player[0].as_str()?.contains(&format!("/captchas/{id}/audio?lang=zh-CN"));
            let has_begun = is_it && player[2].as_u64()? > 0 && player[3] == Value::Null;
            player[1].as_f64().filter(|_| has_begun)
        })
        .await
}

/// Opens the sheet with the captcha.
async fn open(person: &Person<'_>) {
    person.begin_registration(&fresh_mobile()).await;
    person.open_the_sheet().await;
}

async fn listens(person: &Person<'_>) {
    open(person).await;
    let id = person.picture().await;
    person.press_key_in("captcha", Key::Tab).await;
    person.press_key(' ').await;
    let seconds = is_playing(person, &id).await;
    assert!((7.0..8.0).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn an_audio_captcha_replaces_the_picture() {
    on_each_with(&[], Script::On, async |person| {
        open(person).await;
        let first = person.picture().await;
        assert!(!person.is_shown("#audio").await, "a button stands in for the browser's player");

        person.press_key_in("captcha", Key::Tab).await;
        person.press_key(Key::Enter).await;
        let seconds = is_playing(person, &first).await;
        assert!((7.0..8.0).contains(&seconds), "{seconds}");
        person.shown_in(".listen button").await;
        person.press("停止播放").await;
        person.press("听验证码").await;

        // The next control is the picture; picture and recording change together.
        person.press_key(Key::Tab).await;
        person.press_key(Key::Enter).await;
        person.sees_another_picture(&first).await;
        let second = person.picture().await;
        person.press_key_in("captcha", Key::Tab).await;
        person.press_key(' ').await;
        is_playing(person, &second).await;
    })
    .await;
}

#[tokio::test]
async fn a_recording_that_fails_to_play_shows_advice() {
    on_each_with(&[], Script::On, async |person| {
        open(person).await;
        let answer = person.answer_of_the_picture().await;
        person.app.forget_captcha(&person.picture().await, &answer).await;

        person.press("听验证码").await;

        person.sees("播放失败，请换一张再试").await;
    })
    .await;
}

#[tokio::test]
async fn without_scripts_the_audio_captcha_has_the_browsers_player() {
    on_each_with(&[], Script::Off, listens).await;
}
