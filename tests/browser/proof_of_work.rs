//! Proof of work in a browser.

use test_support::app::fresh_mobile;

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
        person.solve_the_picture().await;

        person.press("获取短信验证码").await;

        person.sees("验证码已发送至").await;
        assert_eq!(person.app.gateway.count_for(&mobile), 1);
    })
    .await;
}
