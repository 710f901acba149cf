//! The front-end of docs/front-end.md: its files are taken from the page, word for word, and used by a person.

use std::{fs, path::Path};

use tempfile::TempDir;
use test_support::app::{PASSWORD, fresh_mobile};

use crate::person::{Person, Script, misread, on_each_with};

const NEW_PASSWORD: &str = "battery staple 8";

/// Runs a test on each backend, and checks that the browser's console only has the refused requests.
async fn on_each(settings: &[(&str, &str)], test: impl AsyncFn(&Person<'_>)) {
    let folder = TempDir::new().expect("a folder");
    for (name, text) in files() {
        fs::write(folder.path().join(name), text).expect("written");
    }
    let root = [("STATIC_ROOT", folder.path().to_str().expect("a path"))];
    on_each_with(&[&root, settings].concat(), Script::On, test).await;
}

/// Returns the files, each of which is named as `site/…` above its code block; one is made of another by changing a
/// word.
fn files() -> Vec<(String, String)> {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/front-end.md");
    let guide = fs::read_to_string(guide).expect("docs/front-end.md");
    let named = guide.split("\n`site/").skip(1).filter_map(|part| {
        let (name, rest) = part.split_once("`:\n\n```")?;
        let (_, rest) = rest.split_once('\n')?;
        Some((name.to_owned(), rest.split_once("```")?.0.to_owned()))
    });
    let mut files: Vec<_> = named.collect();
    let (_, join) = files.iter().find(|(name, _)| name == "join.html").expect("a page to join");
    files.push(("forgot.html".to_owned(), join.replace("join.js", "forgot.js")));
    files
}

/// Returns the id of the shown captcha, once it is another one than this, and its answer.
async fn picture(person: &Person<'_>, other_than: &str) -> (String, String) {
    person
        .until("a picture", async || {
            let address = person.attribute("img", "src").await?;
            let id = address.split(['/', '?']).find(|part| part.len() == 36)?.to_owned();
            let answer = person.app.answer_of(&id).await.filter(|_| id != other_than)?;
            Some((id, answer))
        })
        .await
}

/// Fills in number, captcha and code.
async fn enter_code(person: &Person<'_>, mobile: &str) {
    let before = person.app.gateway.count_for(mobile);
    person.app.skip_resend_wait().await;
    person.type_into("mobile", mobile).await;
    let (_, answer) = picture(person, "").await;
    person.type_into("captcha", &answer).await;
    person.press("Text me a code").await;
    person.sees("Again in").await;
    person
        .until("message", async || (person.app.gateway.count_for(mobile) > before).then_some(()))
        .await;
    person.type_into("sms_code", &person.app.gateway.code_for(mobile)).await;
}

#[tokio::test]
async fn a_person_registers_signs_out_and_changes_the_password() {
    on_each(&[], async |person| {
        let mobile = fresh_mobile();
        person.open("/").await;
        person.sees("Please sign in first.").await;
        person.press("Join").await;
        person.type_into("mobile", &mobile).await;
        let (wrong, answer) = picture(person, "").await;
        person.type_into("captcha", &misread(&answer)).await;
        person.press("Text me a code").await;
        person.sees("That didn’t match.").await;
        picture(person, &wrong).await;

        enter_code(person, &mobile).await;
        person.type_into("password", "password1").await;
        person.press("Done").await;
        person.sees("This password is too common").await;
        person.type_into("password", PASSWORD).await;
        person.press("Done").await;
        person.is_at("/").await;
        person.sees(&format!("139****{}", &mobile[7..])).await;
        person.press("Sign out").await;
        person.sees("Please sign in first.").await;

        person.press("Sign in").await;
        person.press("Forgotten?").await;
        enter_code(person, &mobile).await;
        person.type_into("password", NEW_PASSWORD).await;
        person.press("Done").await;
        person.is_at("/enter.html").await;
        person.type_into("login", &mobile).await;
        person.type_into("password", NEW_PASSWORD).await;
        person.press("Sign in").await;
        person.is_at("/").await;
        person.sees(&mobile[7..]).await;
    })
    .await;
}

#[tokio::test]
async fn three_wrong_passwords_ask_for_a_captcha() {
    on_each(&[], async |person| {
        let mobile = fresh_mobile();
        person.app.client().register(&mobile).await;
        person.open("/enter.html").await;
        person.type_into("login", &mobile).await;
        person.type_into("password", "not the right one").await;
        for _ in 0..3 {
            person.press("Sign in").await;
            person.sees("Wrong number, name or password").await;
            person.run("document.forms[0].elements.message.value = ''").await;
        }
        person.type_into("password", PASSWORD).await;
        let (_, answer) = picture(person, "").await;
        person.type_into("captcha", &answer).await;
        person.press("Sign in").await;
        person.is_at("/").await;
        person.sees(&mobile[7..]).await;
    })
    .await;
}

/// A longer captcha replaces the proof of work, and the test waits for the code that was just sent.
#[tokio::test]
async fn a_longer_captcha_is_shown_where_it_is_required() {
    on_each(&[("POW", "always")], async |person| {
        let mobile = fresh_mobile();
        person.open("/join.html").await;
        person.type_into("mobile", &mobile).await;
        let (short, answer) = picture(person, "").await;
        person.type_into("captcha", &answer).await;
        person.press("Text me a code").await;
        person.sees("type the six characters").await;
        let (_, answer) = picture(person, &short).await;
        assert_eq!(answer.len(), 6);

        person.type_into("captcha", &answer).await;
        person.press("Text me a code").await;

        person.sees("Again in").await;
        assert_eq!(person.app.gateway.count_for(&mobile), 1);
    })
    .await;
}
