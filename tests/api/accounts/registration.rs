//! Registration, on every interface.

use reqwest::StatusCode;
use serde_json::json;
use test_support::{
    app::{PASSWORD, fresh_mobile, on_each},
    databases::registered,
    interface::{Action, Interface, interfaces, own_interfaces},
};

#[tokio::test]
async fn a_person_registers_and_is_signed_in() {
    on_each(async |app| {
        let (person, mobile) = (app.client(), fresh_mobile());

        let registered = person.register(&mobile).await;
        let client = person.get("/api/v1/session").await;

        assert_eq!(registered.status, StatusCode::CREATED, "{registered:?}");
        assert_eq!(client.status, StatusCode::OK);
        assert_eq!(client.json()["data"], registered.json()["data"]);
    })
    .await;
}

#[tokio::test]
async fn the_envelope_of_an_account_is_complete_and_masks_the_number() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        let registered = app.client().register(&mobile).await;

        let data = registered.json()["data"].clone();

        let masked = format!("{}****{}", &mobile[..3], &mobile[7..]);
        let keys: Vec<_> = data.as_object().expect("an object").keys().cloned().collect();
        assert_eq!(keys, ["avatar_url", "created_at", "id", "mobile", "name"]);
        assert_eq!(data["mobile"], masked.as_str());
        assert!(data["id"].as_i64().is_some_and(|count| count > 0 && count < 1 << 53), "{data}");
        assert!(data["name"].as_str().expect("a name").starts_with("user-"), "{data}");
        assert!(data["created_at"].as_str().expect("a time").ends_with('Z'), "{data}");
        assert!(!registered.headers_and_body().contains(&mobile));
    })
    .await;
}

#[tokio::test]
async fn registration_works_without_scripts() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let form = client.get("/register?next=%2Faccount%3Fwelcome").await;
        let id = form.value_after("name=\"captcha_id\" value=\"");
        let next = form.value_after("name=\"next\" value=\"");
        client.get(&format!("/api/v1/captchas/{id}")).await;
        let answer = app.answer_of(&id).await.expect("drawn");
        let fields = [
            ("mobile", mobile.as_str()),
            ("captcha_id", &id),
            ("captcha", &answer),
            ("next", &next),
            ("sms_code", ""),
            ("password", ""),
            ("step", "next"),
        ];

        // Enter in the captcha's field sends the form; the server decides that it asks for a code.
        let sent = client.post_form("/register", &fields).await;
        assert_eq!(sent.status.as_u16(), 303, "{sent:?}");
        assert_eq!(sent.header("location"), "/register?next=%2Faccount%3Fwelcome");
        let form = client.get(sent.header("location")).await;
        let code = app.gateway.code_for(&mobile);
        let next = form.value_after("name=\"next\" value=\"");
        let fields = [
            ("mobile", mobile.as_str()),
            ("captcha", ""),
            ("next", &next),
            ("sms_code", &code),
            ("password", PASSWORD),
            ("step", "next"),
        ];
        let done = client.post_form("/register", &fields).await;

        assert_eq!(done.status.as_u16(), 303, "{done:?}");
        assert_eq!(done.header("location"), "/account?welcome");
        let account = client.get("/account?welcome").await;
        assert_eq!(account.status.as_u16(), 200);
        assert!(account.body.contains(&format!("{}****{}", &mobile[..3], &mobile[7..])));
        assert!(!account.body.contains(&mobile));
    })
    .await;
}

#[tokio::test]
async fn a_number_taken_meanwhile_is_reported_at_registration() {
    on_each(async |app| {
        for interface in interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            interface.assert_success(&interface.request_code(&client, &mobile).await, 200);
            let code = app.gateway.code_for(&mobile);
            registered(&app.state.db, &mobile, &format!("owner-{mobile}")).await;

            let refused = interface.register(&client, &mobile, &code, PASSWORD).await;

            interface.assert_refused(&refused, (409, "4003"), "error-mobile-taken", &[]);
            assert!(!client.is_signed_in().await, "that creates no session");
        }
    })
    .await;
}

#[tokio::test]
async fn a_name_that_is_taken_leaves_the_code_usable() {
    on_each(async |app| {
        for interface in own_interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            let name = format!("ada-{mobile}");
            registered(&app.state.db, &fresh_mobile(), &name).await;
            interface.assert_success(&interface.request_code(&client, &mobile).await, 200);
            let code = app.gateway.code_for(&mobile);
            let with_name = async |name: &str| {
                let fields = [
                    ("mobile", mobile.as_str()),
                    ("sms_code", &code),
                    ("password", PASSWORD),
                    ("name", name),
                ];
                interface.perform(&client, Action::Register, &fields).await
            };

            for spelling in [name.clone(), name.to_uppercase()] {
                let taken = with_name(&spelling).await;
                interface.assert_refused(&taken, (409, "4003"), "error-name-taken", &[]);
            }

            interface.assert_success(&with_name(&format!("bob-{mobile}")).await, 201);
        }
    })
    .await;
}

#[tokio::test]
async fn an_invalid_name_is_refused_beside_its_field() {
    on_each(async |app| {
        for name in [
            "a",
            "two words",
            "<script>",
            "13800138000",
            "+8613800138000",
            "１３８００１３８０００",
            "a@b.c",
            "a\u{202e}b",
            &"a".repeat(33),
        ] {
            let fields = [
                ("mobile", "13800138000"),
                ("sms_code", "123456"),
                ("password", PASSWORD),
                ("name", name),
            ];
            let page = Interface::Page.perform(&app.client(), Action::Register, &fields).await;
            let json = Interface::Json.perform(&app.client(), Action::Register, &fields).await;

            Interface::Json.assert_field_refused(&json, "name", "problem-name-malformed");
            assert_eq!(page.status.as_u16(), 400);
            assert!(!page.messages().is_empty(), "the page says nothing: {page:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_failed_form_keeps_what_was_typed_but_no_password() {
    on_each(async |app| {
        let fields =
            [("mobile", "13800138000\"><b>"), ("sms_code", "987654"), ("password", "hunter2 <b>")];
        let page = Interface::Page.perform(&app.client(), Action::Register, &fields).await;

        assert_eq!(page.status.as_u16(), 400);
        assert!(page.body.contains("13800138000&quot;&gt;&lt;b&gt;"), "{page:?}");
        assert!(!page.body.contains("hunter2"));
        // The code is still good.
        assert!(page.body.contains("value=\"987654\""), "{page:?}");
        assert!(!page.body.contains("<b>"));
    })
    .await;
}

#[tokio::test]
async fn registering_ends_the_session_that_the_browser_held() {
    on_each(async |app| {
        for interface in interfaces() {
            let client = app.client().signed_in(&fresh_mobile()).await;
            let old = client.cookie_jar();
            let mobile = fresh_mobile();
            interface.assert_success(&interface.request_code(&client, &mobile).await, 200);
            let code = app.gateway.code_for(&mobile);
            interface
                .assert_success(&interface.register(&client, &mobile, &code, PASSWORD).await, 201);

            let other = app.client();
            other.set_cookies(old);

            assert!(client.is_signed_in().await);
            assert!(!other.is_signed_in().await, "the old session is dead");
        }
    })
    .await;
}

#[tokio::test]
async fn privileged_fields_are_refused() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.request_code(&mobile).await;
        let code = app.gateway.code_for(&mobile);
        for (field, value) in
            [("id", json!(1)), ("status", json!("active")), ("avatar_url", json!("x"))]
        {
            let mut body = json!({"mobile": mobile, "sms_code": code, "password": PASSWORD});
            body[field] = value;
            let refused = client.post_json("/api/v1/users", &body).await;
            Interface::Json.assert_field_refused(&refused, field, "problem-unknown");
        }
    })
    .await;
}

/// R67: a new id does not reveal how many users have registered before.
#[tokio::test]
async fn ids_and_names_that_were_not_chosen_are_random() {
    on_each(async |app| {
        let mut seen = Vec::new();
        for _ in 0..5 {
            let registered = app.client().register(&fresh_mobile()).await.json();
            let id = registered["data"]["id"].as_i64().expect("an id");
            let name = registered["data"]["name"].as_str().expect("a name").to_owned();
            assert!((1..1 << 53).contains(&id), "{id}");
            seen.push((id, name));
        }
        for pair in seen.windows(2) {
            // Consecutive ids would be closer to each other.
            assert!(pair[0].0.abs_diff(pair[1].0) > 1_000_000, "{seen:?}");
            assert_ne!(pair[0].1, pair[1].1);
        }
    })
    .await;
}
