//! What a proxy is told of who is there.

use std::time::Duration;

use haoma::stores::sessions;
use reqwest::{
    Method, StatusCode,
    header::{COOKIE, HOST, SET_COOKIE},
};
use serde_json::json;

use super::tokens::{ask, bearer, token};
use crate::haoma::{PASSWORD, fresh_mobile, on_each, on_each_with};

const PATH: &str = "/api/v1/forward-auth";

#[tokio::test]
async fn the_proxy_is_told_who_is_there() {
    on_each(async |haoma| {
        let (person, mobile) = (haoma.visitor(), fresh_mobile());
        assert_eq!(person.ask_code(&mobile).await.status, StatusCode::OK);
        let sms_code = haoma.gateway.code_for(&mobile);
        let tail = mobile.trim_start_matches("139");
        let name = format!("小明_{tail}");
        let body =
            json!({ "mobile": mobile, "sms_code": sms_code, "password": PASSWORD, "name": name });
        let registered = person.post_json("/api/v1/users", &body).await;
        let cookie = registered.header(SET_COOKIE.as_str()).split(';').next().unwrap_or_default();
        let token = token(&person, &mobile).await;
        let host = format!("{HOST}: shop.example.com");
        let keys = [format!("{COOKIE}: {cookie}"), bearer(&token)];

        for key in &keys {
            let seen = ask(haoma, Method::GET, PATH, &[key, &host]).await;

            let id = registered.json()["data"]["id"].to_string();
            assert_eq!((seen.status, seen.body.as_str()), (StatusCode::OK, ""), "{seen:?}");
            assert_eq!(seen.header("x-haoma-user-id"), id);
            assert_eq!(seen.header("x-haoma-mobile"), mobile);
            let encoded = format!("%E5%B0%8F%E6%98%8E_{tail}");
            assert_eq!(seen.header("x-haoma-name"), encoded);
            assert_eq!(seen.header("x-haoma-session").len(), 36);
            assert_eq!(seen.header("cache-control"), "no-store");
        }
        let nobody = ask(haoma, Method::GET, PATH, &[&host]).await;
        assert_eq!((nobody.status, nobody.errno().as_str()), (StatusCode::UNAUTHORIZED, "4101"));
        let elsewhere = ask(haoma, Method::GET, "/api/v1/session", &[&keys[0], &host]).await;
        assert_eq!(elsewhere.status, StatusCode::MISDIRECTED_REQUEST, "this path alone");
        let post = ask(haoma, Method::POST, PATH, &[&keys[1], &host]).await;
        assert_eq!(post.status, StatusCode::METHOD_NOT_ALLOWED);
    })
    .await;
}

#[tokio::test]
async fn who_was_signed_out_by_another_instance_is_refused_a_second_later() {
    on_each_with(&[("SESSION_CACHE_MILLISECONDS", "1000")], async |haoma| {
        let (person, mobile) = (haoma.visitor(), fresh_mobile());
        let id = person.register(&mobile).await.json()["data"]["id"].as_i64().expect("an id");
        let key = bearer(&token(&person, &mobile).await);
        for _ in 0..3 {
            assert_eq!(person.get(PATH).await.status, StatusCode::OK);
            assert_eq!(ask(haoma, Method::GET, PATH, &[&key]).await.status, StatusCode::OK);
        }

        // As another instance would do it: nothing of this one knows.
        let ended = haoma.state.db.write(async move |it| sessions::delete_all(it, id).await).await;
        assert_eq!(ended.expect("answers"), 2);
        haoma.advance(Duration::from_secs(1)).await;

        assert_eq!(person.get(PATH).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(ask(haoma, Method::GET, PATH, &[&key]).await.status, StatusCode::UNAUTHORIZED);
    })
    .await;
}
