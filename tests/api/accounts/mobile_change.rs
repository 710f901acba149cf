//! Changing the number of an account: to one's own number, to one that another user wants too, and what ends with it.

use futures_util::join;
use reqwest::{
    Method, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use serde_json::{Value, json};
use test_support::{
    app::{PASSWORD, fresh_mobile, on_each},
    client::{TestClient, TestResponse},
    interface::{Interface, OWN_INTERFACES, message_text, own_interfaces},
    sms_codes::code,
};

/// Changes the number with the password and a code to the new number.
async fn moves(
    interface: Interface,
    client: &TestClient<'_>,
    mobile: &str,
    sms_code: &str,
) -> TestResponse {
    let fields = [("mobile", mobile), ("sms_code", sms_code), ("password", PASSWORD)];
    if interface == Interface::Page {
        let form = [&fields[..], &[("step", "save")]].concat();
        return client.post_form("/account/mobile", &form).await;
    }
    let request = client.request(Method::PUT, "/api/v1/user/mobile");
    let body = Value::from_iter(fields).to_string();
    client.send(request.header(CONTENT_TYPE, "application/json").body(body)).await
}

#[track_caller]
fn assert_moved(interface: Interface, response: &TestResponse) {
    let done = if interface == Interface::Page { StatusCode::SEE_OTHER } else { StatusCode::OK };
    assert_eq!(response.status, done, "{interface:?} {response:?}");
}

#[tokio::test]
async fn ones_own_number_is_refused_as_the_new_one_and_its_code_stays() {
    on_each(async |app| {
        for interface in own_interfaces() {
            let (mobile, new) = (fresh_mobile(), fresh_mobile());
            let client = app.client().signed_in(&mobile).await;
            app.skip_resend_wait().await;
            // The code to the old number proves who owns the account.
            let proof = code(&client, &mobile, "rebind").await;

            let spelled = format!("+86 {mobile}");
            let refused = moves(interface, &client, &spelled, &proof).await;

            interface.assert_refused(&refused, (409, "4003"), "error-own-mobile", &[]);
            let sms_code = code(&client, &new, "rebind").await;
            let body = json!({ "mobile": new, "sms_code": sms_code, "current_sms_code": proof });
            let request = client.request(Method::PUT, "/api/v1/user/mobile");
            let request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
            assert_moved(Interface::Json, &client.send(request).await);
        }
    })
    .await;
}

/// A program says what the code is for. Only the account itself learns that it has the number.
#[tokio::test]
async fn a_program_that_wants_a_new_number_sends_no_message_to_the_old_one() {
    on_each(async |app| {
        let (mobile, other) = (fresh_mobile(), fresh_mobile());
        let client = app.client().signed_in(&mobile).await;
        app.client().register(&other).await;
        app.skip_resend_wait().await;
        let (captcha_id, captcha) = client.solve_captcha().await;
        let texted = app.gateway.messages().len();
        let wish = |mobile: &str, is_new: Value| {
            json!({ "mobile": mobile, "purpose": "rebind", "new_mobile": is_new,
                "captcha_id": captcha_id, "captcha": captcha })
        };

        let own = client.post_json("/api/v1/sms-codes", &wish(&mobile, json!(true))).await;
        Interface::Json.assert_refused(&own, (409, "4003"), "error-own-mobile", &[]);
        assert_eq!(app.answer_of(&captcha_id).await.as_ref(), Some(&captcha), "it is still good");
        let odd = client.post_json("/api/v1/sms-codes", &wish(&mobile, json!("yes"))).await;
        Interface::Json.assert_field_refused(&odd, "new_mobile", "problem-not-boolean");
        let stranger = app.client();
        let refused = stranger.post_json("/api/v1/sms-codes", &wish(&mobile, json!(true))).await;
        assert_eq!(refused.errno(), "4101", "{refused:?}");
        assert_eq!(app.gateway.messages().len(), texted);

        // Of others it is told as before, after the captcha.
        let (captcha_id, captcha) = client.solve_captcha().await;
        let body = json!({ "mobile": other, "purpose": "rebind", "new_mobile": true,
            "captcha_id": captcha_id, "captcha": captcha });
        let taken = client.post_json("/api/v1/sms-codes", &body).await;
        Interface::Json.assert_refused(&taken, (409, "4003"), "error-mobile-taken", &[]);
        assert_eq!(app.answer_of(&captcha_id).await, None, "it is used up");
    })
    .await;
}

/// The page never sends a code to the old number, so there the number can only be meant as the new one.
#[tokio::test]
async fn the_page_sends_no_message_for_ones_own_number() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        let client = app.client().signed_in(&mobile).await;
        let (captcha_id, captcha) = client.solve_captcha().await;
        let texted = app.gateway.messages().len();

        for step in ["send", "next"] {
            let form = [
                ("mobile", &*mobile),
                ("captcha_id", &captcha_id),
                ("captcha", &captcha),
                ("step", step),
            ];
            let refused = client.post_form("/account/mobile", &form).await;

            assert_eq!(refused.status, StatusCode::CONFLICT, "{refused:?}");
            let beside = refused.text_of("mobile-problem");
            assert_eq!(beside, Some(message_text("error-own-mobile", &[])));
        }
        assert_eq!(app.gateway.messages().len(), texted);
        assert_eq!(app.answer_of(&captcha_id).await, Some(captcha), "the picture is still good");
    })
    .await;
}

/// Checks that the number is refused. The page does not tell whoever is signed in to sign in.
#[track_caller]
fn assert_taken(interface: Interface, refused: &TestResponse) {
    if interface == Interface::Page {
        assert_eq!(refused.status, StatusCode::CONFLICT, "{refused:?}");
        let beside = refused.text_of("mobile-problem");
        assert_eq!(beside, Some(message_text("mobile-taken-by-another", &[])));
    } else {
        interface.assert_refused(refused, (409, "4003"), "error-mobile-taken", &[]);
    }
}

#[tokio::test]
async fn the_second_account_that_wants_a_number_is_refused() {
    on_each(async |app| {
        for interface in own_interfaces() {
            let wanted = fresh_mobile();
            let first = app.client().signed_in(&fresh_mobile()).await;
            let second = app.client().signed_in(&fresh_mobile()).await;
            let of_first = code(&first, &wanted, "rebind").await;
            app.skip_resend_wait().await;
            let of_second = code(&second, &wanted, "rebind").await;

            let moved = moves(interface, &first, &wanted, &of_first).await;
            let taken = moves(interface, &second, &wanted, &of_second).await;

            assert_moved(interface, &moved);
            assert_taken(interface, &taken);
        }
    })
    .await;
}

#[tokio::test]
async fn of_two_concurrent_changes_to_one_number_one_succeeds() {
    on_each(async |app| {
        for interface in OWN_INTERFACES.into_iter().cycle().take(6) {
            let wanted = fresh_mobile();
            let first = app.client().signed_in(&fresh_mobile()).await;
            let second = app.client().signed_in(&fresh_mobile()).await;
            let of_first = code(&first, &wanted, "rebind").await;
            app.skip_resend_wait().await;
            let of_second = code(&second, &wanted, "rebind").await;

            let (one, other) = join!(
                moves(interface, &first, &wanted, &of_first),
                moves(interface, &second, &wanted, &of_second)
            );

            let is_first = one.status.as_u16() < 400;
            let (moved, taken) = if is_first { (one, other) } else { (other, one) };
            assert_moved(interface, &moved);
            assert_taken(interface, &taken);
        }
    })
    .await;
}

/// A code proves that the account which requested it owns the number, and proves it for no other account.
#[tokio::test]
async fn a_code_requested_by_another_account_changes_no_number() {
    on_each(async |app| {
        let wanted = fresh_mobile();
        let asker = app.client().signed_in(&fresh_mobile()).await;
        let other = app.client().signed_in(&fresh_mobile()).await;
        let sms_code = code(&asker, &wanted, "rebind").await;

        let refused = moves(Interface::Json, &other, &wanted, &sms_code).await;
        let moved = moves(Interface::Json, &asker, &wanted, &sms_code).await;

        assert_eq!((refused.status.as_u16(), refused.errno().as_str()), (422, "4002"));
        assert_moved(Interface::Json, &moved);
    })
    .await;
}

#[tokio::test]
async fn a_new_number_ends_every_other_session_and_token() {
    on_each(async |haoma| {
        for interface in own_interfaces() {
            let (old, new) = (fresh_mobile(), fresh_mobile());
            let here = haoma.client().signed_in(&old).await;
            let there = haoma.client();
            Interface::Json
                .assert_success(&Interface::Json.sign_in(&there, &old, PASSWORD).await, 200);
            let login = json!({ "login": old, "password": PASSWORD });
            let token = haoma.client().post_json("/api/v1/tokens", &login).await;
            let token = token.json()["data"]["token"].as_str().expect("a token").to_owned();
            let app = haoma.client();
            let ask_as_app = async || {
                let request = app.request(Method::GET, "/api/v1/session");
                app.send(request.header(AUTHORIZATION, format!("Bearer {token}"))).await.status
            };
            assert_eq!(ask_as_app().await, StatusCode::OK);

            let sms_code = code(&here, &new, "rebind").await;
            let moved = moves(interface, &here, &new, &sms_code).await;

            assert_moved(interface, &moved);
            assert!(here.is_signed_in().await, "the session that changed the number stays");
            assert!(!there.is_signed_in().await);
            assert_eq!(ask_as_app().await, StatusCode::UNAUTHORIZED);
            let page = here.get("/account/mobile").await;
            assert!(page.body.contains("其他设备将退出登录"), "the page says so");
        }
    })
    .await;
}
