//! The terms of service that an operator may set (R111).

use diesel::{
    OptionalExtension as _,
    dsl::sql,
    sql_types::{Nullable, Text},
};
use haoma::stores::db::RunQueryDsl as _;
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each, on_each_with},
    client::TestResponse,
    interface::{Action, Interface, own_interfaces},
};

const TERMS: [(&str, &str); 2] =
    [("TERMS_URL", "https://example.com/terms?of=us"), ("TERMS_VERSION", "2026-11")];

/// Returns the accepted version of the terms, and whether the time of acceptance is the time of registration. `None`
/// without an account.
async fn stored_consent(app: &TestApp, mobile: &str) -> Option<(Option<String>, bool)> {
    let column = |what: &str| format!("(SELECT {what} FROM users WHERE mobile = '{mobile}')");
    let (version, timed) = (column("terms_version"), column("terms_accepted_at = created_at"));
    let exists = column("mobile");
    let read = app.state.db.read(async move |connection| {
        let exists: Option<Option<String>> = diesel::select(sql::<Nullable<Text>>(&exists))
            .get_result(connection)
            .await
            .optional()?;
        if exists.flatten().is_none() {
            return Ok(None);
        }
        let version: Option<String> =
            diesel::select(sql::<Nullable<Text>>(&version)).get_result(connection).await?;
        let timed = diesel::select(sql::<Nullable<diesel::sql_types::BigInt>>(&timed));
        let timed: Option<i64> = timed.get_result(connection).await?;
        Ok(Some((version, timed == Some(1))))
    });
    read.await.expect("answers")
}

#[tokio::test]
async fn a_registration_stores_the_version_and_time_of_the_accepted_terms() {
    on_each_with(&TERMS, async |app| {
        for interface in own_interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            interface.assert_success(&interface.request_code(&client, &mobile).await, 200);
            let code = app.gateway.code_for(&mobile);
            let base = [("mobile", mobile.as_str()), ("sms_code", &code), ("password", PASSWORD)];
            for accepted in [&[][..], &[("terms", "")], &[("terms", "2025-01")]] {
                let fields = [&base[..], accepted].concat();
                let refused = interface.perform(&client, Action::Register, &fields).await;
                interface.assert_field_refused(&refused, "terms", "problem-terms-not-accepted");
            }
            assert_eq!(stored_consent(app, &mobile).await, None, "nothing is left of these");

            let fields = [&base[..], &[("terms", "2026-11")]].concat();
            let done = interface.perform(&client, Action::Register, &fields).await;

            interface.assert_success(&done, 201);
            let consent = Some((Some("2026-11".to_owned()), true));
            assert_eq!(stored_consent(app, &mobile).await, consent);
        }
        let page = app.client().get("/register").await;
        assert!(
            page.body.contains("href=\"https:&#x2F;&#x2F;example.com&#x2F;terms?of=us\"")
                || page.body.contains("href=\"https://example.com/terms?of=us\""),
            "{page:?}"
        );
        assert_eq!(page.value_after("name=\"terms\" value=\""), "2026-11");
    })
    .await;
}

/// The page links to both documents inside the sentence, or to the one that contains both.
#[tokio::test]
async fn the_terms_and_the_privacy_policy_have_a_link_each() {
    let link = |path: &str, name: &str| {
        format!(
            "<a href=\"https:&#x2F;&#x2F;example.com&#x2F;{path}\" target=\"_blank\" rel=\"noopener\">{name}</a>"
        )
    };
    let plain = |page: TestResponse| {
        page.body.replace("https://", "https:&#x2F;&#x2F;").replace(".com/", ".com&#x2F;")
    };
    let privacy = [&TERMS[..], &[("PRIVACY_URL", "https://example.com/privacy")]].concat();
    on_each_with(&privacy, async |app| {
        let (terms, privacy) = ("terms?of=us", "privacy");
        for (language, sentence) in [
            (
                "zh-CN",
                format!(
                    "我已阅读并同意{}{}",
                    link(terms, "《用户协议》"),
                    link(privacy, "《隐私政策》")
                ),
            ),
            (
                "en",
                format!(
                    "I agree to the {} and the {}",
                    link(terms, "Terms"),
                    link(privacy, "Privacy Policy")
                ),
            ),
        ] {
            let page = plain(app.client().get(&format!("/register?lang={language}")).await);
            assert!(page.contains(&sentence), "{sentence}: {page}");
        }
    })
    .await;
    on_each_with(&TERMS, async |app| {
        let page = plain(app.client().get("/register").await);
        let sentence = format!("我已阅读并同意{}", link("terms?of=us", "《用户协议和隐私政策》"));
        assert!(page.contains(&sentence), "{page}");
    })
    .await;
}

#[tokio::test]
async fn without_terms_nothing_is_asked_or_stored() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        assert!(!client.get("/register").await.body.contains("name=\"terms\""));

        Interface::Json.assert_success(&client.register(&mobile).await, 201);

        assert_eq!(stored_consent(app, &mobile).await, Some((None, false)));
    })
    .await;
}
