//! Changing `SECRET_KEY` as docs/security.md describes it (R146).

use actix_web::cookie::time::Duration as CookieDuration;
use haoma::{
    domain::{
        mobile::Mobile, proof_of_work::ProofOfWork, purpose::Purpose,
        signing_algorithm::SigningAlgorithm,
    },
    stores::codes::CodeClient,
};
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::{Value, json};
use test_support::{
    app::{KEY, PASSWORD, TestApp, fresh_mobile, on_each_backends, on_shared_backends},
    client::{TestClient, TestResponse},
    interface::Interface,
    proof_of_work::{sealed, solve},
};

const NEW: &str = "the key that follows it and is as long as the first";

/// The old key signs, and the new one is accepted.
const ANNOUNCED: [(&str, &str); 1] = [("SECRET_KEY_FALLBACKS", NEW)];
/// The new key signs, and the old one is accepted.
const KEY_CHANGED: [(&str, &str); 2] = [("SECRET_KEY", NEW), ("SECRET_KEY_FALLBACKS", KEY)];

async fn sign_in<'a>(app: &'a TestApp, mobile: &str, remember: bool) -> TestClient<'a> {
    let client = app.client();
    let body = json!({ "login": mobile, "password": PASSWORD, "remember": remember });
    assert_eq!(client.post_json("/api/v1/session", &body).await.status.as_u16(), 200);
    client
}

/// Returns the lifetime of the session cookie in days; `None` if it ends with the browser.
fn kept_for(response: &TestResponse) -> Option<i64> {
    let cookies = response.cookies();
    let own = cookies.iter().find(|cookie| cookie.name() == "haoma").expect("a cookie signed anew");
    own.max_age().map(CookieDuration::whole_days)
}

async fn signing_key(app: &TestApp) -> String {
    let key = app.state.jwt_keys.signing_key(SigningAlgorithm::EdDsa).await;
    key.expect("a key").public().kid.clone()
}

#[tokio::test]
async fn a_session_used_during_a_key_change_stays() {
    on_each_backends(async |backends| {
        let before = backends.open(&[]).await;
        let (mobile, kid) = (fresh_mobile(), signing_key(&before).await);
        let jars = [
            before.client().signed_in(&mobile).await.cookie_jar(),
            sign_in(&before, &mobile, true).await.cookie_jar(),
            sign_in(&before, &mobile, false).await.cookie_jar(),
        ];
        before.stop().await;

        let between = backends.open(&KEY_CHANGED).await;
        let [passing, remembered, absent] = jars.map(|jar| {
            let client = between.client();
            client.set_cookies(jar);
            client
        });
        let seen = passing.get("/account").await;
        assert_eq!((seen.status.as_u16(), kept_for(&seen)), (200, None));
        assert_eq!(kept_for(&remembered.get("/api/v1/session").await), Some(30));
        let again = passing.get("/account").await;
        assert!(again.cookies().is_empty(), "once is enough: {again:?}");
        assert_eq!(signing_key(&between).await, kid);
        let jars = [passing, remembered, absent].map(|name| name.cookie_jar());
        between.stop().await;

        let after = backends.open(&[("SECRET_KEY", NEW)]).await;
        let mut known = Vec::new();
        for jar in jars {
            let client = after.client();
            client.set_cookies(jar);
            known.push(client.is_signed_in().await);
        }
        assert_eq!(known, [true, true, false], "who never came by signs in anew");
        assert_eq!(signing_key(&after).await, kid, "its private half was sealed anew");
        after.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_session_that_has_ended_gets_no_new_cookie_and_signing_out_leaves_none() {
    on_each_backends(async |backends| {
        let before = backends.open(&[]).await;
        let mobile = fresh_mobile();
        let jar = before.client().signed_in(&mobile).await.cookie_jar();
        before.stop().await;
        let between = backends.open(&KEY_CHANGED).await;
        let (one, two) = (between.client(), between.client());
        one.set_cookies(jar.clone());
        two.set_cookies(jar);

        Interface::Json.assert_success(&Interface::Json.sign_out(&one).await, 200);
        assert!(!one.cookie_jar().contains_key("haoma"));
        let ended = two.get("/api/v1/session").await;

        assert_eq!(ended.status.as_u16(), 401);
        assert!(ended.cookies().iter().all(|cookie| cookie.value().is_empty()), "{ended:?}");
        between.stop().await;
    })
    .await;
}

async fn post(client: &TestClient<'_>, path: &str, key: &str, body: &Value) -> TestResponse {
    let request = client.request(Method::POST, path).header(CONTENT_TYPE, "application/json");
    client.send(request.header("Idempotency-Key", key).body(body.to_string())).await
}

#[tokio::test]
async fn instances_with_the_old_and_the_new_key_accept_each_others_cookies() {
    on_shared_backends(async |backends| {
        let (old, new) = (backends.open(&ANNOUNCED).await, backends.open(&KEY_CHANGED).await);
        for (here, there) in [(&old, &new), (&new, &old)] {
            let (mobile, client) = (fresh_mobile(), here.client());
            let picture = client.solve_captcha().await;
            let wish = json!({
                "mobile": mobile, "purpose": "register",
                "captcha_id": picture.0, "captcha": picture.1,
            });
            let key = uuid::Uuid::new_v4().to_string();

            let first = post(&client, "/api/v1/sms-codes", &key, &wish).await;
            let again = post(&there.client(), "/api/v1/sms-codes", &key, &wish).await;
            assert_eq!(first.status.as_u16(), 200, "{first:?}");
            assert_eq!((again.status, &again.body), (first.status, &first.body), "done once");
            assert_eq!(there.gateway.count_for(&mobile), 0);

            // A resend brings the same code, and the other instance accepts it.
            let number = Mobile::parse(&mobile).expect("a number");
            let resent = there
                .state
                .codes
                .issue(&number, Purpose::Register, (&CodeClient::default(), ""), None)
                .await;
            let code = here.gateway.code_for(&mobile);
            assert_eq!(resent.expect("a code").code.digits(), code);
            let elsewhere = there.client();
            Interface::Json.assert_success(
                &Interface::Json.register(&elsewhere, &mobile, &code, PASSWORD).await,
                201,
            );

            client.set_cookies(elsewhere.cookie_jar());
            assert!(client.is_signed_in().await);
        }
        old.stop().await;
        new.stop().await;
    })
    .await;
}

#[tokio::test]
async fn the_countdown_and_a_proof_of_work_survive_a_key_change() {
    on_shared_backends(async |backends| {
        let (old, new) = (backends.open(&ANNOUNCED).await, backends.open(&KEY_CHANGED).await);
        let (mobile, asked) = (fresh_mobile(), old.client());
        Interface::Page.assert_success(&Interface::Page.request_code(&asked, &mobile).await, 200);
        let client = new.client();
        client.set_cookies(asked.cookie_jar());

        let page = client.get("/register").await;

        let masked = format!("{}****{}", &mobile[..3], &mobile[7..]);
        assert!(page.body.contains(&mobile) || page.body.contains(&masked), "{page:?}");
        let question = old.state.pow_challenges.issue(1);
        let proof = ProofOfWork::parse(&sealed(&solve(&json!(question)))).expect("a proof");
        new.state.pow_challenges.consume(&proof, 1).await.expect("is ours");
        old.stop().await;
        new.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_code_of_an_unknown_key_is_replaced() {
    on_shared_backends(async |backends| {
        let (old, new) = (backends.open(&[]).await, backends.open(&[("SECRET_KEY", NEW)]).await);
        let (mobile, client) = (fresh_mobile(), new.client());
        let number = Mobile::parse(&mobile).expect("a number");
        let foreign = old
            .state
            .codes
            .issue(&number, Purpose::Register, (&CodeClient::default(), ""), None)
            .await;
        foreign.expect("a code");

        let registered = client.register(&mobile).await;

        assert_eq!(registered.status.as_u16(), 201, "{registered:?}");
        old.stop().await;
        new.stop().await;
    })
    .await;
}
