//! The account of a signed-in user: sessions, password, number, name, deletion.

use std::time::Duration;

use reqwest::{
    Method, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT},
};
use serde_json::{Value, json};
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each_with},
    client::{TestClient, TestResponse},
    databases::redis_query,
    interface::message_text,
    sms_codes,
    tokens::token,
};

const NEW_PASSWORD: &str = "battery staple 8";

async fn on_each(test: impl AsyncFn(&TestApp)) {
    on_each_with(&[("SMS_PER_MOBILE_HOUR", "100")], test).await;
}

async fn json(client: &TestClient<'_>, method: Method, path: &str, body: Value) -> TestResponse {
    let request = client.request(method, path).header(CONTENT_TYPE, "application/json");
    client.send(request.body(body.to_string())).await
}

async fn sign_in<'a>(
    app: &'a TestApp,
    login: &str,
    password: &str,
) -> (TestClient<'a>, TestResponse) {
    let client = app.client();
    let body = json!({ "login": login, "password": password });
    let entered = client.post_json("/api/v1/session", &body).await;
    (client, entered)
}

/// Waits until the number may be texted, requests a code for a purpose and returns it.
async fn code(client: &TestClient<'_>, mobile: &str, purpose: &str) -> String {
    client.app.skip_resend_wait().await;
    sms_codes::code(client, mobile, purpose).await
}

/// Registers a user in one browser and signs in with another; returns both and the number.
async fn two_browsers(app: &TestApp) -> (TestClient<'_>, TestClient<'_>, String) {
    let mobile = fresh_mobile();
    let here = app.client().signed_in(&mobile).await;
    let (there, _) = sign_in(app, &mobile, PASSWORD).await;
    (here, there, mobile)
}

#[tokio::test]
async fn a_person_sees_every_session_and_ends_another_one() {
    on_each(async |app| {
        let (here, there, _) = two_browsers(app).await;

        let listed = here.get("/api/v1/sessions").await.json();
        let sessions = listed["data"]["sessions"].as_array().expect("a list").clone();
        let other =
            sessions.iter().find(|session| session["current"] == false).expect("another one");
        let path = format!("/api/v1/sessions/{}", other["id"].as_str().expect("an id"));
        let ended = here.delete(&path).await;

        assert_eq!(sessions.len(), 2);
        assert_eq!(other["address"], "127.0.0.*");
        assert_eq!(ended.status, StatusCode::OK);
        assert!(here.is_signed_in().await && !there.is_signed_in().await);
        assert_eq!(here.delete(&path).await.errno(), "4002", "it is gone");
    })
    .await;
}

#[tokio::test]
async fn the_session_of_another_user_is_not_found() {
    on_each(async |app| {
        let (ada, bob) = (app.client(), app.client());
        ada.register(&fresh_mobile()).await;
        bob.register(&fresh_mobile()).await;
        let listed = ada.get("/api/v1/sessions").await.json();
        let id = listed["data"]["sessions"][0]["id"].as_str().expect("an id").to_owned();

        let ended = bob.delete(&format!("/api/v1/sessions/{id}")).await;

        assert_eq!((ended.status, ended.errno().as_str()), (StatusCode::NOT_FOUND, "4002"));
        assert!(ada.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn all_other_sessions_end_at_once_on_both_interfaces() {
    on_each(async |app| {
        let (here, there, mobile) = two_browsers(app).await;
        here.delete("/api/v1/sessions").await;
        assert!(here.is_signed_in().await && !there.is_signed_in().await);

        let (there, _) = sign_in(app, &mobile, PASSWORD).await;
        let ended = here.post_form("/account/sessions", &[("end", "others")]).await;

        assert_eq!(ended.header("location"), "/account");
        assert!(here.is_signed_in().await && !there.is_signed_in().await);
    })
    .await;
}

/// R84.
#[tokio::test]
async fn a_new_password_revokes_every_code_of_the_number() {
    on_each(async |app| {
        let mobile = fresh_mobile();
        let client = app.client().signed_in(&mobile).await;
        let pending = code(&app.client(), &mobile, "reset").await;

        let change = json!({ "password": PASSWORD, "new_password": NEW_PASSWORD });
        let changed = json(&client, Method::PUT, "/api/v1/user/password", change).await;

        assert_eq!(changed.status.as_u16(), 200, "{changed:?}");
        let reset =
            json!({ "mobile": mobile, "sms_code": pending, "password": "battery staple 9" });
        let refused = app.client().post_json("/api/v1/password-resets", &reset).await;
        assert_eq!((refused.status.as_u16(), refused.errno().as_str()), (422, "4002"));
    })
    .await;
}

/// R75, R84.
#[tokio::test]
async fn a_new_password_needs_the_current_one_and_ends_all_other_sessions() {
    on_each(async |app| {
        let (here, there, mobile) = two_browsers(app).await;
        let path = "/api/v1/user/password";
        let change = |current: &str| json!({ "password": current, "new_password": NEW_PASSWORD });

        let wrong = json(&here, Method::PUT, path, change("not it at all")).await;
        let page = [("password", "not it at all"), ("new_password", NEW_PASSWORD)];
        let wrong_page = here.post_form("/account/password", &page).await;
        let changed = json(&here, Method::PUT, path, change(PASSWORD)).await;

        assert_eq!((wrong.status, wrong.errno().as_str()), (StatusCode::FORBIDDEN, "4106"));
        assert_eq!(wrong_page.status, StatusCode::FORBIDDEN);
        assert!(wrong_page.body.contains(wrong.json()["errmsg"].as_str().expect("a sentence")));
        assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
        assert!(here.is_signed_in().await && !there.is_signed_in().await);
        assert_eq!(sign_in(app, &mobile, PASSWORD).await.1.errno(), "4102");
        assert_eq!(sign_in(app, &mobile, NEW_PASSWORD).await.1.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_number_is_changed_with_the_password_and_a_code_to_the_new_one() {
    on_each(async |app| {
        let (client, old, new) = (app.client(), fresh_mobile(), fresh_mobile());
        client.register(&old).await;
        let sms_code = code(&client, &new, "rebind").await;
        let path = "/api/v1/user/mobile";
        let change = |password: &str| {
            json!({
                "mobile": new, "sms_code": sms_code, "password": password,
            })
        };

        let wrong = json(&client, Method::PUT, path, change("not it at all")).await;
        let moved = json(&client, Method::PUT, path, change(PASSWORD)).await;

        assert_eq!(wrong.errno(), "4106");
        assert_eq!(moved.status, StatusCode::OK, "{moved:?}");
        assert_eq!(sign_in(app, &new, PASSWORD).await.1.status, StatusCode::OK);
        assert_eq!(sign_in(app, &old, PASSWORD).await.1.errno(), "4102");
    })
    .await;
}

#[tokio::test]
async fn a_number_is_changed_with_codes_to_both() {
    on_each(async |app| {
        let (client, old, new) = (app.client(), fresh_mobile(), fresh_mobile());
        client.register(&old).await;
        let of_old = code(&client, &old, "rebind").await;
        let of_new = code(&client, &new, "rebind").await;

        let body = json!({ "mobile": new, "sms_code": of_new, "current_sms_code": of_old });
        let moved = json(&client, Method::PUT, "/api/v1/user/mobile", body).await;

        assert_eq!(moved.status, StatusCode::OK, "{moved:?}");
        assert_eq!(client.get("/api/v1/session").await.json()["data"]["mobile"], mask(&new));
    })
    .await;
}

#[tokio::test]
async fn changing_to_a_taken_number_is_refused_without_a_message() {
    on_each(async |app| {
        let (ada, owner, taken) = (app.client(), app.client(), fresh_mobile());
        owner.register(&taken).await;
        ada.register(&fresh_mobile()).await;
        code(&owner, &taken, "rebind").await;
        let id = owner.get("/api/v1/session").await.json()["data"]["id"].clone();
        app.skip_resend_wait().await;
        let life = async || {
            let url = app.redis.as_deref()?;
            let key = format!("haoma:sms:{{{taken}}}:rebind:{id}");
            Some(redis_query::<i64>(url, &["PTTL", &key]).await)
        };
        let before = life().await;
        let texted = app.gateway.messages().len();
        let ask = async |client: &TestClient<'_>, mobile: &str| {
            let (captcha_id, captcha) = client.solve_captcha().await;
            let body = json!({
                "mobile": mobile, "purpose": "rebind", "captcha_id": captcha_id, "captcha": captcha,
            });
            client.post_json("/api/v1/sms-codes", &body).await.errno()
        };

        assert_eq!(ask(&ada, &taken).await, "4003");
        assert_eq!(ask(&app.client(), &fresh_mobile()).await, "4101");
        assert_eq!(app.gateway.messages().len(), texted);
        let after = life().await;
        assert!(after <= before, "the code that the owner holds was touched: {before:?} {after:?}");
    })
    .await;
}

#[tokio::test]
async fn a_name_is_changed_and_signs_in() {
    on_each(async |app| {
        let (ada, bob) = (app.client(), app.client());
        ada.register(&fresh_mobile()).await;
        bob.register(&fresh_mobile()).await;
        let name = format!("Ada-{}", fresh_mobile());

        let renamed = json(&ada, Method::PATCH, "/api/v1/user", json!({ "name": name })).await;
        let taken = json(&bob, Method::PATCH, "/api/v1/user", json!({ "name": name })).await;
        let page = bob.post_form("/account/name", &[("name", &name)]).await;

        assert_eq!(renamed.json()["data"]["name"], name.to_lowercase());
        assert_eq!((taken.status, taken.errno().as_str()), (StatusCode::CONFLICT, "4003"));
        assert_eq!(page.status, StatusCode::CONFLICT);
        assert_eq!(sign_in(app, &name, PASSWORD).await.1.status, StatusCode::OK);
    })
    .await;
}

/// R86.
#[tokio::test]
async fn a_deleted_account_is_gone_and_its_number_can_register_again() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.register(&mobile).await;
        let path = "/api/v1/user";

        let wrong = json(&client, Method::DELETE, path, json!({ "password": "not it" })).await;
        let gone = client.post_form("/account/delete", &[("password", PASSWORD)]).await;

        assert_eq!(wrong.errno(), "4106");
        assert_eq!(gone.status, StatusCode::SEE_OTHER, "{gone:?}");
        assert!(!client.is_signed_in().await);
        assert_eq!(sign_in(app, &mobile, PASSWORD).await.1.errno(), "4102");
        app.skip_resend_wait().await;
        assert_eq!(app.client().register(&mobile).await.status, StatusCode::CREATED);
    })
    .await;
}

#[tokio::test]
async fn account_pages_need_a_session() {
    on_each(async |app| {
        let (anonymous, client) = (app.client(), app.client());
        client.register(&fresh_mobile()).await;
        let paths = ["", "/name", "/password", "/mobile", "/delete"];
        for path in paths.map(|page| format!("/account{page}")) {
            let sent = anonymous.get(&path).await;
            let shown = client.get(&path).await;
            let login = format!("/login?next={}", path.replace('/', "%2F"));
            assert_eq!(sent.header("location"), login);
            assert_eq!(shown.status, StatusCode::OK, "{path}");
        }
    })
    .await;
}

fn mask(mobile: &str) -> String {
    format!("{}****{}", mobile.get(..3).expect("a head"), mobile.get(7..).expect("a tail"))
}

/// R88.
#[tokio::test]
async fn eleven_minutes_after_signing_in_changes_need_the_password() {
    on_each(async |haoma| {
        let (client, mobile) = (haoma.client(), fresh_mobile());
        client.register(&mobile).await;
        let bearer = format!("Bearer {}", token(&client, &mobile).await);
        haoma.advance(Duration::from_mins(11)).await;
        let app = haoma.client();
        let ask = async |method: Method, path: &str, body: Value| {
            let request = app.request(method, path).header(CONTENT_TYPE, "application/json");
            let answer =
                app.send(request.header(AUTHORIZATION, &bearer).body(body.to_string())).await;
            (answer.status.as_u16(), answer.errno())
        };
        let refused = |status: u16, errno: &str| (status, errno.to_owned());

        assert_eq!(ask(Method::DELETE, "/api/v1/sessions", json!({})).await, refused(403, "4105"));
        let renamed = json!({ "name": format!("old-{mobile}") });
        assert_eq!(ask(Method::PATCH, "/api/v1/user", renamed).await, refused(200, "0"));
        let path = "/api/v1/user/password";
        for (password, expected) in [
            (json!(null), refused(400, "4103")),
            (json!("not the right one"), refused(403, "4106")),
            (json!(PASSWORD), refused(200, "0")),
        ] {
            let mut body = json!({ "new_password": NEW_PASSWORD });
            if password.is_string() {
                body["password"] = password;
            }
            assert_eq!(ask(Method::PUT, path, body).await, expected);
        }
        assert_eq!(sign_in(haoma, &mobile, NEW_PASSWORD).await.1.status, StatusCode::OK);
    })
    .await;
}

/// The password on the form is the proof, so nobody has to sign in again before.
#[tokio::test]
async fn a_form_with_the_password_needs_no_fresh_sign_in() {
    on_each(async |app| {
        let client = app.client().signed_in(&fresh_mobile()).await;
        app.advance(Duration::from_mins(11)).await;
        for page in ["/account/password", "/account/mobile", "/account/delete"] {
            let form = client.get(page).await;
            assert_eq!(form.status, StatusCode::OK, "{page}: {form:?}");
            assert!(form.body.contains("name=\"password\""), "{form:?}");
            assert!(form.body.contains("href=\"/reset-password\""), "{form:?}");
        }
        let fields = [("password", PASSWORD), ("new_password", NEW_PASSWORD)];
        let changed = client.post_form("/account/password", &fields).await;
        assert_eq!(changed.header("location"), "/account", "{changed:?}");
        let deleted = client.post_form("/account/delete", &[("password", NEW_PASSWORD)]).await;
        assert_eq!(deleted.header("location"), "/login", "{deleted:?}");
    })
    .await;
}

#[tokio::test]
async fn an_account_without_a_password_sets_one_on_its_page() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let sms_code = code(&client, &mobile, "login").await;
        let body = json!({ "mobile": mobile, "sms_code": sms_code });
        let created = client.post_json("/api/v1/session", &body).await;
        assert_eq!(created.status, StatusCode::CREATED, "{created:?}");
        assert!(client.get("/account").await.body.contains("未设置"));
        for page in ["/account/password", "/account/mobile", "/account/delete"] {
            let form = client.get(page).await;
            assert!(!form.body.contains("name=\"password\""), "{page}: {form:?}");
        }

        let weak = client.post_form("/account/password", &[("new_password", "short")]).await;
        assert_eq!(weak.status, StatusCode::BAD_REQUEST, "{weak:?}");
        let set = client.post_form("/account/password", &[("new_password", NEW_PASSWORD)]).await;

        assert_eq!(set.header("location"), "/account", "{set:?}");
        let account = client.get("/account").await;
        assert!(!account.body.contains("未设置"), "{account:?}");
        assert_eq!(sign_in(app, &mobile, NEW_PASSWORD).await.1.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn an_account_without_a_password_is_changed_soon_after_a_sign_in() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let sms_code = code(&client, &mobile, "login").await;
        let body = json!({ "mobile": mobile, "sms_code": sms_code });
        client.post_json("/api/v1/session", &body).await;
        app.advance(Duration::from_mins(11)).await;

        let late = client.get("/account/password").await;
        let deleted = client.post_form("/account/delete", &[]).await;

        assert_eq!(late.header("location"), "/login?next=%2Faccount%2Fpassword");
        assert_eq!(deleted.header("location"), "/login?next=%2Faccount%2Fdelete");
        assert!(client.is_signed_in().await, "nothing was deleted");
        let page = client.get(late.header("location")).await;
        assert_eq!(page.text_of("notice"), Some(message_text("error-sign-in-again", &[])));
        assert!(!page.body.contains("你已登录为"), "it would lead in a circle: {page:?}");
    })
    .await;
}

/// Nothing is typed that would prove the intention, so the page asks for it. Programs ask their own people.
#[tokio::test]
async fn the_page_deletes_an_account_without_a_password_only_when_the_box_is_ticked() {
    on_each(async |app| {
        for over_json in [false, true] {
            let (client, mobile) = (app.client(), fresh_mobile());
            let sms_code = code(&client, &mobile, "login").await;
            let body = json!({ "mobile": mobile, "sms_code": sms_code });
            client.post_json("/api/v1/session", &body).await;
            if over_json {
                let gone = json(&client, Method::DELETE, "/api/v1/user", json!({})).await;
                assert_eq!(gone.status, StatusCode::OK, "{gone:?}");
                continue;
            }
            for fields in [&[][..], &[("confirm", "")], &[("confirm", "off")]] {
                let refused = client.post_form("/account/delete", fields).await;
                assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{refused:?}");
                let said = Some(message_text("problem-missing-confirm", &[]));
                assert_eq!(refused.text_of("confirm-problem"), said);
            }
            assert!(client.is_signed_in().await, "nothing was deleted");

            let deleted = client.post_form("/account/delete", &[("confirm", "on")]).await;

            assert_eq!(deleted.header("location"), "/login", "{deleted:?}");
            assert!(!client.is_signed_in().await);
        }
    })
    .await;
}

/// What was lately is told by how long ago it was, all else by its day; each list says what it is.
#[tokio::test]
async fn the_page_writes_times_in_one_way_and_says_what_each_list_is() {
    on_each(async |app| {
        let (here, _, _) = two_browsers(app).await;
        app.advance(Duration::from_mins(20)).await;

        for (language, words) in [
            ("zh-CN", ["20 分钟前登录", "退出后需重新登录", "移除不会退出登录"]),
            ("en", ["Signed in 20 minutes ago", "to end its access", "doesn’t sign it out"]),
        ] {
            let page = here.get(&format!("/account?lang={language}")).await;

            for words in words {
                assert!(page.body.contains(words), "{words}: {page:?}");
            }
            let main = page.body.split("<main").nth(1).expect("a page");
            for after in
                main.split("20").skip(1).filter(|text| text.as_bytes().get(2) == Some(&b'-'))
            {
                let end = after.as_bytes().get(8).copied();
                assert!(matches!(end, Some(b'<')), "a day and nothing else: {after:.30}");
            }
        }
    })
    .await;
}

/// Returns a user's list of sessions as JSON and as page.
async fn listed(client: &TestClient<'_>) -> (Vec<Value>, String) {
    let json = client.get("/api/v1/sessions").await.json();
    let sessions = json["data"]["sessions"].as_array().expect("a list").clone();
    (sessions, client.get("/account").await.body)
}

#[tokio::test]
async fn a_session_is_listed_with_the_address_and_the_time_of_its_last_use() {
    on_each_with(&[("TRUSTED_PROXIES", "127.0.0.1")], async |app| {
        let (here, there, _) = two_browsers(app).await;
        // The last use of a session is written at most once a minute.
        app.advance(Duration::from_mins(2)).await;

        let moved = there.request(Method::GET, "/api/v1/session");
        there.send(moved.header("x-forwarded-for", "203.0.113.77")).await;
        let (sessions, page) = listed(&here).await;

        let [first, second] = sessions.as_slice() else { panic!("two: {sessions:?}") };
        assert_eq!(first["current"], true, "the one that asks comes first");
        assert_eq!(second["last_address"], "203.0.113.*");
        assert_eq!(second["address"], "127.0.0.*");
        assert!(second["last_seen_at"].as_str() > second["signed_in_at"].as_str(), "{second}");
        assert!(page.contains("203.0.113.*") && page.contains("127.0.0.*"), "{page}");
        let [current, other] = ["本机", "203.0.113.*"].map(|name| page.find(name));
        assert!(current < other, "the one that asks comes first: {page}");
    })
    .await;
}

#[tokio::test]
async fn devices_have_common_names_in_the_language_of_the_page() {
    const ANDROID: &str = "Mozilla/5.0 (Linux; U; Android 13; zh-cn; 22041211AC Build/TP1A) AppleWebKit/537.36 \
        (KHTML, like Gecko) Version/4.0 Chrome/109.0.5414.118 Mobile Safari/537.36";
    const WECHAT: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 \
        (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.48(0x18003030) NetType/WIFI";
    const HARMONY: &str = "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) \
        Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile HuaweiBrowser/5.0.4.300";
    // What the device sends, and its names.
    let devices = [
        (WECHAT.to_owned(), "微信 · iPhone", "WeChat · iPhone"),
        (HARMONY.to_owned(), "华为浏览器 · 鸿蒙", "Huawei Browser · HarmonyOS"),
        (
            format!("{ANDROID} XiaoMi/MiuiBrowser/18.4"),
            "小米浏览器 · Android",
            "Mi Browser · Android",
        ),
        (format!("{ANDROID} UCBrowser/16.1.8.1288"), "UC 浏览器 · Android", "UC Browser · Android"),
        (format!("{ANDROID} MQQBrowser/14.5"), "QQ 浏览器 · Android", "QQ Browser · Android"),
        (format!("{ANDROID} Quark/6.6.5.435"), "夸克 · Android", "Quark · Android"),
        ("Shop\u{202e}\u{200b} 3".to_owned(), "Shop 3", "Shop 3"),
    ];
    on_each(async |app| {
        let (here, mobile) = (app.client(), fresh_mobile());
        here.register(&mobile).await;
        for (device, ..) in &devices {
            let there = app.client();
            let body = json!({ "login": mobile, "password": PASSWORD }).to_string();
            let request = there.request(Method::POST, "/api/v1/session").body(body);
            let device = HeaderValue::from_bytes(device.as_bytes()).expect("a header");
            let request = request.header(CONTENT_TYPE, "application/json");
            there.send(request.header(USER_AGENT, device)).await;
        }

        let chinese = listed(&here).await.1;
        let english = here.get("/account?lang=en").await.body;
        let json = here.get("/api/v1/sessions?lang=en").await.json().to_string();

        for (_, in_chinese, in_english) in &devices {
            assert!(chinese.contains(in_chinese), "{in_chinese}: {chinese}");
            assert!(english.contains(in_english), "{in_english}: {english}");
            assert!(json.contains(in_english), "{in_english}: {json}");
        }
        let badge = "<span class=\"badge\">本机</span>";
        assert!(chinese.find(badge) < chinese.find("微信"), "this device comes first: {chinese}");
        app.advance(Duration::from_mins(3)).await;
        let later = here.get("/account?lang=zh-CN").await.body;
        assert!(later.contains("最近活动：3 分钟前"), "{later}");
        let later = here.get("/account?lang=en").await.body;
        assert!(later.contains("Last active 3 minutes ago"), "{later}");
    })
    .await;
}

#[tokio::test]
async fn a_displaced_device_is_shown_the_reason() {
    let settings = [("SESSIONS_PER_ACCOUNT", "1"), ("TOKENS_PER_ACCOUNT", "1")];
    on_each_with(&settings, async |haoma| {
        let (here, mobile) = (haoma.client(), fresh_mobile());
        here.register(&mobile).await;
        let login = json!({ "login": mobile, "password": PASSWORD });
        let token = here.post_json("/api/v1/tokens", &login).await.json();
        let token = token["data"]["token"].as_str().expect("a token").to_owned();
        assert!(here.is_signed_in().await, "a token takes no session's room");

        let (there, entered) = sign_in(haoma, &mobile, PASSWORD).await;
        let other = there.post_json("/api/v1/tokens", &login).await;
        assert_eq!((entered.status, other.status), (StatusCode::OK, StatusCode::CREATED));

        let sentence = message_text("error-signed-in-elsewhere", &[]);
        let app = haoma.client();
        let app = app.request(Method::GET, "/api/v1/session");
        let app = app.header(AUTHORIZATION, format!("Bearer {token}"));
        for refused in [here.get("/api/v1/session").await, haoma.client().send(app).await] {
            assert_eq!(
                (refused.status.as_u16(), refused.errno().as_str()),
                (401, "4101"),
                "{refused:?}"
            );
            assert_eq!(refused.json()["errmsg"], sentence.as_str());
        }
        for path in ["/account", "/"] {
            let sent = here.get(path).await;
            let location = sent.header("location").to_owned();
            assert!(location.starts_with("/login"), "{path}: {sent:?}");
            assert!(here.get(&location).await.body.contains(&sentence), "{location}");
        }
        let again = here.post_json("/api/v1/session", &login).await;
        assert_eq!(again.status, StatusCode::OK, "and it may sign in again: {again:?}");
        assert!(here.is_signed_in().await && !there.is_signed_in().await);
        let out = there.delete("/api/v1/session").await;
        assert_eq!(out.errno(), "0", "signing out is done already");
    })
    .await;
}
