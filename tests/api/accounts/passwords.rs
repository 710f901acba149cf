//! The password policy, and hashes of other systems.

use test_support::{
    app::{PASSWORD, fresh_mobile, on_each, on_each_with},
    databases::registered_with,
    interface::{INTERFACES, interfaces, own_interfaces},
    users::stored_hash,
};

#[tokio::test]
async fn a_password_that_is_refused_costs_nothing_and_the_code_stays_usable() {
    on_each(async |app| {
        for interface in interfaces() {
            let (client, mobile) = (app.client(), fresh_mobile());
            interface.assert_success(&interface.request_code(&client, &mobile).await, 200);
            let code = app.gateway.code_for(&mobile);
            let spaced = format!("+86 {} {}", &mobile[..3], &mobile[3..]);
            let long = "x1".repeat(65);
            let refused = [
                ("short 7", "problem-password-short"),
                ("password", "problem-password-common"),
                ("PassWord", "problem-password-common"),
                ("12345678", "problem-password-common"),
                ("aaaaaaaaaaaa", "problem-password-common"),
                ("qwertyuiop", "problem-password-common"),
                (mobile.as_str(), "problem-password-personal"),
                (&mobile[..8], "problem-password-personal"),
                (&spaced, "problem-password-personal"),
                (&long, "problem-password-long"),
            ];
            for (password, key) in refused {
                let response = interface.register(&client, &mobile, &code, password).await;
                interface.assert_field_refused(&response, "password", key);
            }

            interface
                .assert_success(&interface.register(&client, &mobile, &code, PASSWORD).await, 201);
        }
    })
    .await;
}

/// Settings, a password that they refuse, the reason, and the minimum length.
type Case = (&'static [(&'static str, &'static str)], &'static str, &'static str, u64);

/// R68, R71.
#[tokio::test]
async fn the_password_policy_applies_to_every_form_and_is_shown_there() {
    let cases: [Case; 4] = [
        (&[("PASSWORD_PROFILE", "nist")], "fourteen chars", "problem-password-short", 15),
        (&[("PASSWORD_MIN_LENGTH", "20")], "nineteen characters", "problem-password-short", 20),
        (&[("PASSWORD_PROFILE", "mlps")], "small letters-", "problem-password-plain", 8),
        (
            &[("PASSWORD_PROFILE", "mlps"), ("PASSWORD_MIN_LENGTH", "12")],
            "Letters-7",
            "problem-password-short",
            12,
        ),
    ];
    for (settings, refused, key, least) in cases {
        on_each_with(settings, async |app| {
            for interface in interfaces() {
                let (client, mobile) = (app.client(), fresh_mobile());
                interface.assert_success(&interface.request_code(&client, &mobile).await, 200);
                let code = app.gateway.code_for(&mobile);

                let weak = interface.register(&client, &mobile, &code, refused).await;
                let good = "A long pass phrase, 7 words of it";
                let done = interface.register(&client, &mobile, &code, good).await;

                let said = (key, &[("least", least)][..]);
                interface.assert_field_refused_with(&weak, "password", said);
                interface.assert_success(&done, 201);
                let change = client.get("/account/password").await;
                let register = app.client().get("/register").await;
                for page in [change, register] {
                    let shown = page.value_after("autocomplete=\"new-password\" minlength=\"");
                    assert_eq!(shown, least.to_string(), "{page:?}");
                    assert!(page.body.contains(&format!("至少 {least} 位")), "{page:?}");
                }
            }
        })
        .await;
    }
}

#[tokio::test]
async fn the_name_is_refused_as_password() {
    on_each(async |app| {
        for interface in own_interfaces() {
            let fields = [
                ("mobile", "13800138000"),
                ("sms_code", "123456"),
                ("password", "Ada-Lovelace"),
                ("name", "ada-lovelace"),
            ];
            let response = interface
                .perform(&app.client(), test_support::interface::Action::Register, &fields)
                .await;
            interface.assert_field_refused(&response, "password", "problem-password-personal");
        }
    })
    .await;
}

#[tokio::test]
async fn any_text_is_accepted_as_password_and_compared_whole() {
    let longest = "长短".repeat(64);
    for password in [
        "  spaces around  ",
        "密码密码密码密码密",
        "😀🎉🐳🌍🍵🐉🎈🎁",
        "a\u{301}bcdefgh",
        "+&=%20+;'\"<>",
        &longest,
    ] {
        // A server of its own: wrong passwords for many accounts from one address raise the price.
        on_each_with(&[("SIGN_IN_FAILURES_BEFORE_CAPTCHA", "10")], async |app| {
            for interface in interfaces() {
                let (client, mobile) = (app.client(), fresh_mobile());
                interface.assert_success(&interface.request_code(&client, &mobile).await, 200);
                let code = app.gateway.code_for(&mobile);
                interface.assert_success(
                    &interface.register(&client, &mobile, &code, password).await,
                    201,
                );

                interface.assert_success(
                    &interface.sign_in(&app.client(), &mobile, password).await,
                    200,
                );
                for near in [
                    password.trim(),
                    &password.to_uppercase(),
                    &password[..password.len() - password.chars().last().map_or(0, char::len_utf8)],
                ] {
                    if near != password {
                        let refused = interface.sign_in(&app.client(), &mobile, near).await;
                        interface.assert_refused(&refused, (401, "4102"), "error-wrong-login", &[]);
                    }
                }
            }
        })
        .await;
    }
}

#[tokio::test]
async fn the_same_letters_typed_on_another_keyboard_are_the_same_password() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.request_code(&mobile).await;
        let code = app.gateway.code_for(&mobile);
        let interface = test_support::interface::Interface::Json;
        interface.assert_success(
            &interface.register(&client, &mobile, &code, "cafe\u{301} au lait").await,
            201,
        );

        interface
            .assert_success(&interface.sign_in(&client, &mobile, "caf\u{e9} au lait").await, 200);
    })
    .await;
}

/// Hashes of "correct horse 7" by Werkzeug and by Django.
const FOREIGN: [&str; 2] = [
    "pbkdf2:sha256:2000$Zk3xQ9aB7LmN2pRs$c40ee62434a984c62d5f8e87d869575c92f274a681becd7952b7260416c25de7",
    "pbkdf2_sha256$2000$hT5vWq8YcD1e4KuJ6oXz9n$ZhN+sB+Dg1LV1nRlHyLB6f0xnQJa7cUjijX3+tGcAaM=",
];

#[tokio::test]
async fn hashes_of_other_systems_verify_and_are_renewed() {
    on_each(async |app| {
        for (hash, interface) in FOREIGN.into_iter().zip(INTERFACES) {
            let mobile = fresh_mobile();
            registered_with(&app.state.db, &mobile, &format!("old-{mobile}"), hash).await;
            let wrong = interface.sign_in(&app.client(), &mobile, "wrong horse 7").await;
            interface.assert_refused(&wrong, (401, "4102"), "error-wrong-login", &[]);
            assert_eq!(stored_hash(app, &mobile).await, hash, "a wrong password renews nothing");

            interface
                .assert_success(&interface.sign_in(&app.client(), &mobile, PASSWORD).await, 200);

            let renewed = stored_hash(app, &mobile).await;
            assert!(renewed.starts_with("$pbkdf2-sha256$i=1000,l=32$"), "{renewed}");
            interface
                .assert_success(&interface.sign_in(&app.client(), &mobile, PASSWORD).await, 200);
            assert_eq!(stored_hash(app, &mobile).await, renewed, "once is enough");
        }
    })
    .await;
}

#[tokio::test]
async fn an_unreadable_hash_never_verifies() {
    on_each_with(&[("SIGN_IN_FAILURES_BEFORE_CAPTCHA", "10")], async |app| {
        for hash in [
            "",
            "hash",
            "pbkdf2:sha256:0$a$00",
            "$2b$12$abcdefghijklmnopqrstuv",
            "scrypt:32768:8:1$x$y",
        ] {
            let mobile = fresh_mobile();
            registered_with(&app.state.db, &mobile, &format!("odd-{mobile}"), hash).await;

            for interface in interfaces() {
                let refused = interface.sign_in(&app.client(), &mobile, PASSWORD).await;
                interface.assert_refused(&refused, (401, "4102"), "error-wrong-login", &[]);
            }
        }
    })
    .await;
}
