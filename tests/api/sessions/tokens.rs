//! Bearer tokens for apps.

use haoma::{
    domain::oauth::amr::Amr,
    stores::tables::{
        sessions,
        sessions::{Kind, NewSession},
    },
};
use reqwest::{
    Method, StatusCode,
    header::{AUTHORIZATION, HOST, ORIGIN, SET_COOKIE},
};
use serde_json::json;
use test_support::{
    app::{PASSWORD, fresh_mobile, on_each},
    sms_codes::code,
    tokens::{ask, bearer, execute, token},
};

#[tokio::test]
async fn a_token_works_where_the_cookie_does() {
    on_each(async |app| {
        let (person, mobile) = (app.client(), fresh_mobile());
        let registered = person.register(&mobile).await;
        let body = json!({ "login": mobile, "password": PASSWORD });

        let made = app.client().post_json("/api/v1/tokens", &body).await;
        let data = &made.json()["data"];
        let token = data["token"].as_str().expect("a token");
        let client = ask(app, Method::GET, "/api/v1/session", &[&bearer(token)]).await;
        let page = ask(app, Method::GET, "/account", &[&bearer(token)]).await;
        let lower =
            ask(app, Method::GET, "/api/v1/session", &[&bearer(token).replace("Bearer", "bearer")])
                .await;
        let out = ask(app, Method::DELETE, "/api/v1/session", &[&bearer(token)]).await;
        let after = ask(app, Method::GET, "/api/v1/session", &[&bearer(token)]).await;

        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        assert!(token.starts_with("haoma_") && token.len() == 49, "{token}");
        assert_eq!(made.headers.get(SET_COOKIE), None);
        assert_eq!(data["id"], registered.json()["data"]["id"]);
        assert_eq!(client.json()["data"], registered.json()["data"]);
        assert_eq!((page.status, lower.status), (StatusCode::OK, StatusCode::OK));
        assert_eq!((out.status, out.headers.get(SET_COOKIE)), (StatusCode::OK, None));
        assert_eq!((after.status, after.errno().as_str()), (StatusCode::UNAUTHORIZED, "4101"));
        let cookie = person.get("/api/v1/session").await;
        assert_eq!(cookie.status, StatusCode::OK, "the other session goes on");
    })
    .await;
}

#[tokio::test]
async fn a_code_gives_a_token_too() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.register(&mobile).await;
        app.skip_resend_wait().await;
        let sms_code = code(&client, &mobile, "login").await;

        let body = json!({ "mobile": mobile, "sms_code": sms_code });
        let made = client.post_json("/api/v1/tokens", &body).await;
        let wrong = json!({ "login": mobile, "password": "not this one" });
        let wrong = client.post_json("/api/v1/tokens", &wrong).await;

        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        assert_eq!((wrong.status, wrong.errno().as_str()), (StatusCode::UNAUTHORIZED, "4102"));
    })
    .await;
}

#[tokio::test]
async fn signing_in_an_app_leaves_the_browser_alone_and_is_listed() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let registered = client.register(&mobile).await;
        let id = registered.json()["data"]["id"].as_i64().expect("an id");

        token(&client, &mobile).await;

        assert_eq!(client.get("/api/v1/session").await.status, StatusCode::OK);
        let (now, lifetimes) = (chrono::Utc::now(), app.state.lifetimes);
        let listed = app
            .state
            .db
            .read(async move |connection| sessions::list(connection, id, now, lifetimes).await)
            .await;
        let mut kinds: Vec<_> =
            listed.expect("answers").iter().map(|session| session.kind).collect();
        kinds.sort_by_key(|kind| *kind == Kind::Token);
        assert_eq!(kinds, [Kind::Session, Kind::Token]);
    })
    .await;
}

#[tokio::test]
async fn a_token_takes_precedence_over_cookies_and_needs_no_origin() {
    on_each(async |app| {
        let (ada, eve) = (app.client(), app.client());
        let (adas, eves) = (fresh_mobile(), fresh_mobile());
        ada.register(&adas).await;
        let eve_id = eve.register(&eves).await.json()["data"]["id"].clone();
        let eves_token = token(&eve, &eves).await;
        let path = "/api/v1/session";
        let with = |header: String| ada.request(Method::GET, path).header(AUTHORIZATION, header);

        let both = ada.send(with(format!("Bearer {eves_token}"))).await;
        let bad = ada.send(with("Bearer haoma_nonsense".to_owned())).await;
        let basic = ada.send(with("Basic YWRhOmFkYQ==".to_owned())).await;
        let evil = format!("{ORIGIN}: https://evil.example");
        let cross = [bearer(&eves_token), evil, "sec-fetch-site: cross-site".to_owned()];
        let cross: Vec<_> = cross.iter().map(String::as_str).collect();
        let cross = ask(app, Method::DELETE, path, &cross).await;
        let host = format!("{HOST}: evil.example");
        let host = ask(app, Method::GET, path, &[&bearer(&eves_token), &host]).await;

        assert_eq!(both.json()["data"]["id"], eve_id);
        assert_eq!(bad.errno(), "4101");
        assert_eq!(basic.status, StatusCode::OK, "no token at all");
        assert_eq!(cross.status, StatusCode::OK, "{cross:?}");
        assert_eq!(host.status, StatusCode::MISDIRECTED_REQUEST, "hosts are still asked for");
        assert_eq!(ada.get(path).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn an_invalid_or_ended_token_is_refused() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        let id = client.register(&mobile).await.json()["data"]["id"].as_i64().expect("an id");
        let good = token(&client, &mobile).await;
        let new = NewSession {
            user_id: id,
            kind: Kind::Session,
            remember: true,
            device: String::new(),
            address: String::new(),
            amr: Amr::Password,
        };
        let (now, lifetimes) = (chrono::Utc::now(), app.state.lifetimes);
        let of_cookie = app.state.db.write(async move |connection| {
            sessions::create(connection, &new, now, lifetimes).await
        });
        let of_cookie = format!("haoma_{}", of_cookie.await.expect("created").as_str());
        let unknown = format!("haoma_{}", "A".repeat(43));
        let bare = good.strip_prefix("haoma_").expect("a prefix");
        let path = "/api/v1/session";

        for bad in ["", "x", bare, &unknown, &of_cookie, &format!("{good}A")] {
            let response = ask(app, Method::GET, path, &[&bearer(bad)]).await;
            assert_eq!(
                (response.status, response.errno().as_str()),
                (StatusCode::UNAUTHORIZED, "4101"),
                "{bad}"
            );
        }
        let twice = ask(app, Method::GET, path, &[&bearer(&good), &bearer(&good)]).await;
        assert_eq!(twice.errno(), "4101");
        let once = ask(app, Method::GET, path, &[&bearer(&good)]).await;
        assert_eq!(once.status, StatusCode::OK);
        execute(app, "UPDATE sessions SET expires_at = '2026-01-01 00:00:00'").await;
        let expired = ask(app, Method::GET, path, &[&bearer(&good)]).await;
        assert_eq!(expired.errno(), "4101");
    })
    .await;
}

#[tokio::test]
async fn without_a_database_a_token_is_a_503() {
    on_each(async |app| {
        let (client, mobile) = (app.client(), fresh_mobile());
        client.register(&mobile).await;
        let token = token(&client, &mobile).await;
        execute(app, "DROP TABLE sessions").await;

        for path in ["/api/v1/session", "/api/v1/session/jwt", "/api/v1/forward-auth"] {
            let response = ask(app, Method::GET, path, &[&bearer(&token)]).await;
            assert_eq!(
                (response.status, response.errno().as_str()),
                (StatusCode::SERVICE_UNAVAILABLE, "4001"),
                "{path}"
            );
        }
    })
    .await;
}
