//! Proof of work in a browser.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use test_support::{
    app::{TestApp, fresh_mobile},
    client::TestResponse,
    sms_codes::other_than,
};

use crate::person::{Person, Script, on_each_with};

const ALWAYS: [(&str, &str); 1] = [("POW", "always")];

async fn register(person: &Person<'_>) {
    let code = person.ask_for_a_code(&fresh_mobile()).await;
    person.finish_registration(&code).await;
}

#[tokio::test]
async fn scripts_compute_the_proof_of_work_without_any_action() {
    on_each_with(&ALWAYS, Script::On, async |person| {
        person.open("/register").await;
        let harder = person.run("return document.querySelectorAll('.harder').length").await;
        assert_eq!(harder, 0, "the usual picture");
        register(person).await;
    })
    .await;
}

#[tokio::test]
async fn without_scripts_a_longer_captcha_replaces_the_proof_of_work() {
    on_each_with(&ALWAYS, Script::Off, async |person| {
        person.open("/register").await;
        assert!(person.is_shown(".harder .picture img").await);
        register(person).await;
    })
    .await;
}

#[tokio::test]
async fn a_page_that_lacks_a_proof_of_work_computes_one_and_resends() {
    on_each_with(&ALWAYS, Script::On, async |person| {
        person.open("/register").await;
        // The first request for a challenge fails.
        let once = "const real = fetch; window.fetch = (...it) => {
            if (it[0] !== '/api/v1/proof-of-work') return real(...it);
            window.fetch = real;
            return Promise.reject(new Error('lost'));
        }";
        person.run(once).await;
        let mobile = fresh_mobile();
        person.type_into("mobile", &mobile).await;

        person.send().await;

        person.sees("验证码已发送至").await;
        assert_eq!(person.app.gateway.count_for(&mobile), 1);
    })
    .await;
}

const RESERVE: [(&str, &str); 3] =
    [("TRUSTED_PROXIES", "127.0.0.1"), ("POW_COMPLEXITY", "1000"), ("SMS_PER_MOBILE_HOUR", "100")];

/// What a stranger posts from an address of his own.
async fn post_as_stranger(app: &TestApp, number: usize, path: &str, body: &Value) -> TestResponse {
    let stranger = app.client();
    let request = stranger.request(Method::POST, path);
    let request = request.header("x-forwarded-for", format!("198.51.100.{number}"));
    let response = stranger.send(request.json(body)).await;
    app.wait_for_background_tasks().await;
    response
}

async fn ask_as_stranger(app: &TestApp, number: usize, mobile: &str) {
    let (captcha_id, captcha) = app.captcha_without_picture().await;
    let body = json!({
        "mobile": mobile, "purpose": "login", "captcha_id": captcha_id, "captcha": captcha,
    });
    let asked = post_as_stranger(app, number, "/api/v1/sms-codes", &body).await;
    assert_eq!(asked.status, StatusCode::OK, "{number}: {asked:?}");
}

/// Registers an account that no browser of this test is known to.
async fn registered_elsewhere(app: &TestApp) -> String {
    let mobile = fresh_mobile();
    app.client().register(&mobile).await;
    app.wait_for_background_tasks().await;
    app.skip_resend_wait().await;
    mobile
}

/// Strangers have used up the messages of the day, and the owner sits at a new browser.
#[tokio::test]
async fn an_owner_at_a_new_browser_pays_for_a_message_of_the_reserve() {
    on_each_with(&RESERVE, Script::On, async |person| {
        let mobile = registered_elsewhere(person.app).await;
        for number in 1..10 {
            ask_as_stranger(person.app, number, &mobile).await;
            person.app.skip_resend_wait().await;
        }
        person.open("/login").await;
        person.type_number(&mobile).await;

        person.send().await;

        person.has(".harder .picture img").await;
        person.solve_the_picture().await;
        person.sees("验证码已发送至").await;
        person.app.wait_for_background_tasks().await;
        assert_eq!(person.app.gateway.count_for(&mobile), 11);
    })
    .await;
}

/// Strangers have typed ten wrong codes, and the owner sits at a new browser.
#[tokio::test]
async fn an_owner_at_a_new_browser_pays_for_a_try_of_the_reserve() {
    on_each_with(&RESERVE, Script::On, async |person| {
        let app = person.app;
        let mobile = registered_elsewhere(app).await;
        for round in 1..3 {
            ask_as_stranger(app, round, &mobile).await;
            let sms_code = other_than(&app.gateway.code_for(&mobile));
            let wrong = json!({ "mobile": mobile, "sms_code": sms_code });
            for number in 0..5 {
                let number = 10 * round + number;
                let typed = post_as_stranger(app, number, "/api/v1/session", &wrong).await;
                assert_eq!(typed.errno(), "4004", "{typed:?}");
            }
            // The next code has tries of its own.
            app.advance(Duration::from_mins(10)).await;
        }
        person.open("/login").await;
        person.type_number(&mobile).await;
        person.send().await;
        person.sees("验证码已发送至").await;
        app.wait_for_background_tasks().await;

        person.type_into("sms_code", &app.gateway.code_for(&mobile)).await;

        person.has(".harder .picture img").await;
        person.solve_the_picture().await;
        person.sees("我的账号").await;
    })
    .await;
}

/// Counts what is shown of the captcha.
const SHOWN: &str = "return document.querySelector('.captcha').offsetParent ? 1 : 0";

#[tokio::test]
async fn with_captcha_auto_no_picture_is_shown_or_drawn() {
    on_each_with(&[("CAPTCHA", "auto")], Script::On, async |person| {
        person.open("/register").await;
        assert_eq!(person.run(SHOWN).await, 0);
        let mobile = fresh_mobile();
        person.type_into("mobile", &mobile).await;

        person.press("获取验证码").await;

        person.sees("验证码已发送至").await;
        assert_eq!(person.app.gateway.count_for(&mobile), 1);
        let drawn = "return performance.getEntriesByType('resource')
            .filter((one) => one.name.includes('/captchas/')).length";
        assert_eq!(person.run(drawn).await, 0);
    })
    .await;
}

#[tokio::test]
async fn with_captcha_auto_a_browser_without_scripts_reads_a_picture() {
    on_each_with(&[("CAPTCHA", "auto")], Script::Off, async |person| {
        person.open("/register").await;
        assert!(person.is_shown(".captcha .picture img").await);
        register(person).await;
    })
    .await;
}

#[tokio::test]
async fn without_crypto_subtle_the_proof_is_computed_by_script() {
    let settings = [("POW", "always"), ("POW_COMPLEXITY", "100000")];
    on_each_with(&settings, Script::On, async |person| {
        person.open("/register").await;
        // As on a page without https. Workers do not see this, so what they compute is tried as well.
        person.run("Object.defineProperty(crypto, 'subtle', { value: undefined })").await;
        let answer = "const [parameters, done] = arguments;
            import(document.querySelector('form').dataset.prove)
                .then((module) => module.solve(parameters)).then(done, (error) => done(String(error)))";
        let parameters = json!({
            "algorithm": "PBKDF2/SHA-256", "nonce": "000102030405060708090a0b0c0d0e0f",
            "salt": "101112131415161718191a1b1c1d1e1f", "cost": 2000, "keyLength": 32,
            "keyPrefix": "c980f3c35770811ab25dc0575ba05f80",
        });
        let solved = person.browser.execute_async(answer, vec![parameters]).await.expect("an answer");
        assert_eq!(solved["counter"], 7, "{solved}");
        let key = "c980f3c35770811ab25dc0575ba05f80ca6f76379ebf276d02da602836ece26c";
        assert_eq!(solved["derivedKey"], key);
        register(person).await;
    })
    .await;
}

#[tokio::test]
async fn a_sentence_appears_when_the_computation_takes_long() {
    on_each_with(&ALWAYS, Script::On, async |person| {
        person.open("/register").await;
        // The question takes eight seconds to arrive.
        let slow = "const real = fetch; window.fetch = (...all) =>
            !String(all[0]).startsWith('/api/v1/proof-of-work') ? real(...all)
                : new Promise((go) => setTimeout(go, 8000)).then(() => real(...all));";
        person.run(slow).await;
        person.type_into("mobile", &fresh_mobile()).await;

        person.send().await;

        person.sees("正在进行安全验证").await;
        person.sees("验证码已发送至").await;
    })
    .await;
}
