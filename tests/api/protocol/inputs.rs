//! Requests that are refused before anything is done, alike on every interface.

use haoma::domain::mobile::Mobile;
use serde_json::json;
use test_support::{
    app::{fresh_mobile, on_each, on_each_with},
    interface::{ACTIONS, Action, INTERFACES, Interface, OWN_INTERFACES, interfaces, message_text},
    sms_codes::other_than,
};

/// Returns valid fields for an action, which refer to nothing that exists.
fn good(action: Action) -> Vec<(&'static str, &'static str)> {
    match action {
        Action::Send => {
            vec![("mobile", "13800138000"), ("captcha_id", "never-drawn"), ("captcha", "abcd")]
        }
        Action::Register => vec![
            ("mobile", "13800138000"),
            ("sms_code", "123456"),
            ("password", "correct horse 7"),
            ("name", "ada"),
        ],
        Action::SignIn => vec![("login", "13800138000"), ("password", "correct horse 7")],
    }
}

/// Every field that a person fills in, and the problem that is particular to it.
const FIELDS: [(Action, &str, &str); 7] = [
    (Action::Send, "mobile", "problem-mobile-malformed"),
    (Action::Send, "captcha", "problem-too-long"),
    (Action::Register, "mobile", "problem-mobile-malformed"),
    (Action::Register, "sms_code", "problem-sms-code-malformed"),
    (Action::Register, "password", "problem-password-long"),
    (Action::SignIn, "login", ""),
    (Action::SignIn, "password", "problem-password-long"),
];

#[tokio::test]
async fn a_missing_or_empty_field_has_an_error_beside_it() {
    on_each_with(&[("ACCOUNT_PASSWORD", "required")], async |app| {
        for (interface, (action, field, _)) in
            INTERFACES.iter().flat_map(|interface| FIELDS.map(|case| (*interface, case)))
        {
            let mut fields = good(action);
            fields.retain(|(name, _)| *name != field);
            let missing = interface.perform(&app.client(), action, &fields).await;
            fields.push((field, ""));
            let empty = interface.perform(&app.client(), action, &fields).await;

            interface.assert_field_missing(&missing, action, field);
            interface.assert_field_missing(&empty, action, field);
        }
    })
    .await;
}

#[tokio::test]
async fn every_missing_field_is_named_at_once() {
    on_each_with(&[("ACCOUNT_PASSWORD", "required")], async |app| {
        for interface in interfaces() {
            let response = interface.perform(&app.client(), Action::Register, &[]).await;
            for field in ["mobile", "sms_code", "password"] {
                interface.assert_field_missing(&response, Action::Register, field);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_field_given_twice_is_refused() {
    on_each(async |app| {
        for (interface, (action, field, _)) in
            INTERFACES.iter().flat_map(|interface| FIELDS.map(|case| (*interface, case)))
        {
            let mut fields = good(action);
            let twice = fields.iter().find(|(name, _)| *name == field).copied();
            fields.extend(twice);
            let response = interface.perform(&app.client(), action, &fields).await;

            interface.assert_field_refused(&response, field, "problem-repeated");
        }
    })
    .await;
}

#[tokio::test]
async fn an_unknown_field_is_refused_and_logged() {
    on_each(async |app| {
        // Some of these are fields of other forms.
        let unknown =
            ["is_admin", "login", "mobile", "captcha_id", "<b>", "id", "status", "__proto__"];
        for (interface, action) in
            OWN_INTERFACES.iter().flat_map(|interface| ACTIONS.map(|action| (*interface, action)))
        {
            for field in unknown {
                let known_there = match action {
                    Action::Send | Action::Register => ["mobile", "captcha_id"].contains(&field),
                    Action::SignIn => ["login", "captcha_id"].contains(&field),
                };
                if known_there {
                    continue;
                }
                let mut fields = good(action);
                fields.push((field, "1"));
                let response = interface.perform(&app.client(), action, &fields).await;

                interface.assert_refused(&response, (400, "4103"), "error-input", &[]);
                assert!(
                    interface == Interface::Json || !response.body.contains("<b>"),
                    "{response:?}"
                );
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_overlong_field_is_refused() {
    on_each(async |app| {
        for (interface, (action, field, key)) in
            INTERFACES.iter().flat_map(|interface| FIELDS.map(|case| (*interface, case)))
        {
            let with = |text: String| {
                let mut fields = good(action);
                fields.retain(|(name, _)| *name != field);
                (fields, text)
            };
            let (mut fields, text) = with("1".repeat(129));
            fields.push((field, &text));
            if !key.is_empty() {
                let response = interface.perform(&app.client(), action, &fields).await;
                interface.assert_field_refused(&response, field, key);
            }
            let (mut fields, text) = with("1".repeat(1025));
            fields.push((field, &text));
            let response = interface.perform(&app.client(), action, &fields).await;
            interface.assert_field_refused(&response, field, "problem-too-long");
        }
    })
    .await;
}

#[tokio::test]
async fn control_characters_are_refused_in_every_field() {
    on_each(async |app| {
        for (interface, (action, field, _)) in
            INTERFACES.iter().flat_map(|interface| FIELDS.map(|case| (*interface, case)))
        {
            for control in ["\0", "\n", "\r\n", "\t", "\u{7f}", "\u{85}", "\u{1b}[31m"] {
                let mut fields = good(action);
                let (_, value) =
                    fields.iter().find(|(name, _)| *name == field).copied().expect("there");
                fields.retain(|(name, _)| *name != field);
                let value = format!("{value}{control}");
                fields.push((field, &value));
                let response = interface.perform(&app.client(), action, &fields).await;

                interface.assert_field_refused(&response, field, "problem-malformed");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_number_of_no_served_country_is_refused() {
    on_each(async |app| {
        let wrong = [
            "1",
            "12800138000",
            "1380013800",
            "138001380000",
            "23800138000",
            "+1 3800138000",
            "+8613800138",
            "138001380oo",
            "abc",
            "١٣٨٠٠١٣٨٠٠٠",
            "۱۳۸۰۰۱۳۸۰۰۰",
            "13800138000;13900139000",
            "1380013800\u{301}0",
            "++8613800138000",
            "00008613800138000",
            "+86+8613800138000",
            "'13800138000' or 1=1",
            "1.38e10",
            "-",
        ];
        for (interface, action) in INTERFACES.iter().flat_map(|interface| {
            [Action::Send, Action::Register].map(|action| (*interface, action))
        }) {
            for mobile in wrong {
                let mut fields = good(action);
                fields[0].1 = mobile;
                let response = interface.perform(&app.client(), action, &fields).await;
                interface.assert_field_refused(&response, "mobile", "problem-mobile-malformed");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn every_spelling_of_a_number_is_one_number() {
    on_each_with(&[("SMS_RESEND_SECONDS", "600")], async |app| {
        for interface in interfaces() {
            let mobile = fresh_mobile();
            let (a, b) = mobile.split_at(3);
            let spellings = [
                format!("+86{mobile}"),
                format!("+86 {a} {b}"),
                format!("0086{mobile}"),
                format!("0086-{a}-{b}"),
                format!("86{mobile}"),
                format!(" {mobile} "),
                format!("{a}-{b}"),
                format!("\u{202d}{mobile}\u{202c}"),
                format!("\u{202e}+86 {a}\u{a0}{b}"),
                format!("{a}\u{200b}{b}"),
                format!("(+86) {a}.{b}"),
                format!("（＋８６）{a}－{b}"),
                full_width(&mobile),
            ];
            let client = app.client();
            interface.assert_success(&interface.request_code(&client, &mobile).await, 200);
            for spelling in &spellings {
                let again = interface.request_code(&app.client(), spelling).await;
                assert_eq!(
                    again.status.as_u16(),
                    interface.status(429),
                    "{spelling:?} opened a fresh limit"
                );
            }
            let code = app.gateway.code_for(&mobile);

            let registered =
                interface.register(&client, &spellings[1], &code, "correct horse 7").await;

            interface.assert_success(&registered, 201);
            for spelling in &spellings {
                let signed_in = interface.sign_in(&app.client(), spelling, "correct horse 7").await;
                interface.assert_success(&signed_in, 200);
            }
            assert_eq!(Mobile::parse(&spellings[0]).expect("a number").as_str(), mobile);
        }
    })
    .await;
}

#[tokio::test]
async fn a_code_that_cannot_be_one_costs_no_try() {
    on_each(async |app| {
        for interface in interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            interface.assert_success(&interface.request_code(&client, &mobile).await, 200);
            for code in ["12345", "1234567", "abcdef", "١٢٣٤٥٦", "12345a", "-12345", "1e5", "null"]
            {
                let response = interface.register(&client, &mobile, code, "correct horse 7").await;
                interface.assert_field_refused(&response, "sms_code", "problem-sms-code-malformed");
            }
            let code = app.gateway.code_for(&mobile);
            let two = format!("{code} {}", other_than(&code));
            let response = interface.register(&client, &mobile, &two, "correct horse 7").await;
            interface.assert_field_refused(&response, "sms_code", "problem-sms-codes-differ");
            let spaced = format!("{} {}", &code[..3], &code[3..]);

            interface.assert_success(
                &interface.register(&client, &mobile, &spaced, "correct horse 7").await,
                201,
            );
        }
    })
    .await;
}

/// Returns the same digits in full width, as a Chinese input method types them.
fn full_width(text: &str) -> String {
    let wide = |letter: char| match letter {
        '!'..='~' => char::from_u32(u32::from(letter) + 0xfee0).expect("a letter"),
        _ => letter,
    };
    text.chars().map(wide).collect()
}

#[tokio::test]
async fn codes_and_pictures_are_read_as_people_type_and_paste_them() {
    on_each(async |app| {
        for interface in interfaces() {
            let spelled: [fn(&str) -> String; 4] = [
                full_width,
                |code| format!("\u{202d}{}-{}\u{202c}", &code[..3], &code[3..]),
                |code| format!("【号码】您的验证码是 {code}，5 分钟内有效。"),
                |code| format!("{} is your code. @haoma.example #{code}", full_width(code)),
            ];
            let answered: [fn(&str) -> String; 4] = [
                full_width,
                |answer| format!("{} {}", &answer[..2], &answer[2..]),
                |answer| format!("\u{3000}{}\u{a0}", full_width(&answer.to_uppercase())),
                |answer| answer.chars().flat_map(|letter| [letter, '\u{200b}']).collect(),
            ];
            for (answered, spelled) in answered.into_iter().zip(spelled) {
                let (client, mobile) = (app.client(), fresh_mobile());
                let (id, answer) = client.solve_captcha().await;

                let asked =
                    interface.request_code_with(&client, &mobile, (&id, &answered(&answer))).await;
                interface.assert_success(&asked, 200);
                let code = spelled(&app.gateway.code_for(&mobile));
                let registered =
                    interface.register(&client, &mobile, &code, "correct horse 7").await;
                interface.assert_success(&registered, 201);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn json_of_the_wrong_kind_is_refused_field_by_field() {
    on_each(async |app| {
        for (action, field, _) in FIELDS {
            let wrong = [
                json!(13_800_138_000_u64),
                json!(1.5),
                json!(null),
                json!([]),
                json!(["13800138000"]),
                json!({}),
                json!({"$ne": null}),
                json!(true),
            ];
            for value in wrong {
                let fields = good(action).into_iter().chain([("purpose", "register")]);
                let mut body: serde_json::Map<_, _> = fields
                    .filter(|(name, _)| action == Action::Send || *name != "purpose")
                    .map(|(name, value)| (name.to_owned(), json!(value)))
                    .collect();
                body.insert(field.to_owned(), value);
                let answer =
                    app.client().post_json(Interface::Json.path(action), &json!(body)).await;

                Interface::Json.assert_field_refused(&answer, field, "problem-not-text");
                assert_eq!(answer.json()["reasons"][field], "not-text", "{answer:?}");
                assert_eq!(answer.json()["errmsg"], message_text("error-input", &[]).as_str());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_purpose_that_is_none_is_refused() {
    on_each(async |app| {
        for (purpose, key) in [(json!("sleep"), "problem-malformed"), (json!(""), "problem-missing"), (json!(7), "problem-not-text")] {
            let body = json!({"mobile": "13800138000", "purpose": purpose, "captcha_id": "x", "captcha": "abcd"});
            let response = app.client().post_json("/api/v1/sms-codes", &body).await;
            Interface::Json.assert_field_refused(&response, "purpose", key);
        }
    })
    .await;
}

#[tokio::test]
async fn a_yes_or_no_that_is_neither_is_refused_as_such() {
    on_each(async |app| {
        for value in [json!(1), json!("true"), json!(null), json!([true])] {
            let body = json!({"login": "13800138000", "password": "x", "remember": value});
            for path in ["/api/v1/session", "/api/v1/tokens"] {
                let response = app.client().post_json(path, &body).await;

                Interface::Json.assert_field_refused(&response, "remember", "problem-not-boolean");
                assert_eq!(response.json()["reasons"]["remember"], "not-boolean", "{response:?}");
            }
        }
    })
    .await;
}
