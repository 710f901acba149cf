//! `CAPTCHA=auto`: a proof of work in place of the picture while nothing is suspicious.

use haoma::{domain::mobile::Mobile, stores::sms_abuse_guard::Level};
use serde_json::json;
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each_with},
    client::{TestClient, TestResponse},
    interface::{Action, Interface, own_interfaces},
    proof_of_work::{sealed, solve},
};

const AUTO: [(&str, &str); 4] = [
    ("CAPTCHA", "auto"),
    ("POW_COMPLEXITY", "2000"),
    ("SMS_VERIFIED_AFTER_SECONDS", "0"),
    ("SMS_PER_ADDRESS_10_MINUTES", "100"),
];

async fn proof(client: &TestClient<'_>) -> String {
    let challenge = client.get("/api/v1/proof-of-work").await.json()["data"].clone();
    sealed(&solve(&challenge))
}

async fn send(
    interface: Interface,
    client: &TestClient<'_>,
    mobile: &str,
    more: &[(&str, &str)],
) -> TestResponse {
    let fields = [&[("mobile", mobile)], more].concat();
    interface.perform(client, Action::Send, &fields).await
}

/// Requests codes that nobody enters, until the abuse guard asks for more.
async fn raise_suspicion(app: &TestApp) {
    let client = app.client();
    for _ in 0..20 {
        let proof = proof(&client).await;
        let sent =
            send(Interface::Json, &client, &fresh_mobile(), &[("proof_of_work", &proof)]).await;
        Interface::Json.assert_success(&sent, 200);
    }
    let mobile = Mobile::parse(&fresh_mobile()).expect("a number");
    let address = "127.0.0.1".parse().expect("an address");
    let level = app.state.sms_abuse_guard.level(Some(&mobile), address).await.expect("answers");
    assert_eq!(level, Level::Harder);
}

#[tokio::test]
async fn a_proof_alone_is_enough_while_nothing_is_suspicious() {
    on_each_with(&AUTO, async |app| {
        for interface in own_interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());

            let refused = send(interface, &client, &mobile, &[]).await;
            let texted = app.gateway.count_for(&mobile);
            let proof = proof(&client).await;
            let sent = send(interface, &client, &mobile, &[("proof_of_work", &proof)]).await;
            let again =
                send(interface, &client, &fresh_mobile(), &[("proof_of_work", &proof)]).await;

            interface.assert_refused(&refused, (400, "4103"), "error-proof-missing", &[]);
            if interface == Interface::Json {
                let data = &refused.json()["data"];
                assert_eq!(data["proof_of_work_required"], json!(true));
                assert_eq!(data.get("captcha_required"), None);
            }
            assert_eq!(texted, 0);
            interface.assert_success(&sent, 200);
            interface.assert_refused(&again, (400, "4103"), "error-proof-used", &[]);
            let code = app.gateway.code_for(&mobile);
            let registered = interface.register(&client, &mobile, &code, PASSWORD).await;
            interface.assert_success(&registered, 201);
        }
    })
    .await;
}

#[tokio::test]
async fn a_captcha_alone_is_enough_too_while_nothing_is_suspicious() {
    on_each_with(&AUTO, async |app| {
        for interface in own_interfaces() {
            let client = app.client();
            let (id, answer) = client.solve_captcha().await;
            let captcha = [("captcha_id", id.as_str()), ("captcha", &answer)];

            let sent = send(interface, &client, &fresh_mobile(), &captcha).await;

            interface.assert_success(&sent, 200);
        }
    })
    .await;
}

#[tokio::test]
async fn the_picture_comes_back_when_codes_are_not_entered() {
    on_each_with(&AUTO, async |app| {
        raise_suspicion(app).await;
        let (client, mobile) = (app.client(), fresh_mobile());
        let proof = proof(&client).await;

        let refused = send(Interface::Json, &client, &mobile, &[("proof_of_work", &proof)]).await;
        let data = refused.json()["data"].clone();
        assert_eq!(refused.json()["error"], "captcha-needed", "{refused:?}");
        let (id, answer) = client.solve_captcha().await;
        let all = [("captcha_id", id.as_str()), ("captcha", &answer), ("proof_of_work", &proof)];
        let sent = send(Interface::Json, &client, &mobile, &all).await;

        assert_eq!(refused.status.as_u16(), 400, "{refused:?}");
        assert_eq!(data["captcha_required"], json!(true), "{refused:?}");
        assert_eq!(data["proof_of_work_required"], json!(true), "{refused:?}");
        Interface::Json.assert_success(&sent, 200);
    })
    .await;
}

/// An address over its quota pays by work, and solves a captcha again.
#[tokio::test]
async fn the_picture_comes_back_for_an_address_over_its_quota() {
    let settings = [&AUTO[..3], &[("SMS_PER_ADDRESS_10_MINUTES", "2")]].concat();
    on_each_with(&settings, async |app| {
        for _ in 0..2 {
            let client = app.client();
            let proof = [("proof_of_work", proof(&client).await)];
            let proof = proof.each_ref().map(|(name, proof)| (*name, proof.as_str()));
            let sent = send(Interface::Json, &client, &fresh_mobile(), &proof).await;
            Interface::Json.assert_success(&sent, 200);
        }
        for interface in own_interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            let proof = proof(&client).await;

            let refused = send(interface, &client, &mobile, &[("proof_of_work", &proof)]).await;
            let (id, answer) = client.solve_captcha().await;
            let all =
                [("captcha_id", id.as_str()), ("captcha", &answer), ("proof_of_work", &proof)];
            let sent = send(interface, &client, &mobile, &all).await;

            interface.assert_refused(&refused, (400, "4103"), "error-captcha-needed", &[]);
            interface.assert_success(&sent, 200);
        }
    })
    .await;
}

#[tokio::test]
async fn forms_show_the_captcha_only_without_scripts_and_under_suspicion() {
    on_each_with(&AUTO, async |app| {
        for path in ["/register", "/login?by=sms", "/reset-password"] {
            let page = app.client().get(path).await;
            assert!(page.body.contains("captcha silent"), "{page:?}");
            assert!(page.body.contains("data-proof=\"wanted\""), "{page:?}");
        }
        raise_suspicion(app).await;
        let page = app.client().get("/register").await;
        assert!(!page.body.contains("captcha silent"), "{page:?}");
    })
    .await;
}

#[tokio::test]
async fn the_picture_is_always_asked_for_by_default() {
    on_each_with(&AUTO[1..], async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let proof = proof(&client).await;

        let refused = send(Interface::Json, &client, &mobile, &[("proof_of_work", &proof)]).await;

        assert_eq!(refused.status.as_u16(), 400, "{refused:?}");
        assert_eq!(app.gateway.count_for(&mobile), 0);
        assert!(!client.get("/register").await.body.contains("captcha silent"));
    })
    .await;
}
