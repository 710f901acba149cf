//! A restart, and two at once on the same stores.

use std::time::Duration;

use crate::{
    face::{FACES, Face},
    haoma::{PASSWORD, fresh_mobile, on_each_home, on_each_with, on_shared_home},
};

#[tokio::test]
async fn sessions_and_accounts_survive_a_restart() {
    on_each_home(async |home| {
        let first = home.open(&[]).await;
        let mobile = fresh_mobile();
        let who = first.visitor().signed_in(&mobile).await;
        let jar = who.jar();
        let me = who.get("/api/v1/session").await.body;
        first.end().await;

        let second = home.open(&[]).await;
        let who = second.visitor();
        who.hold(jar);

        assert_eq!(who.get("/api/v1/session").await.body, me, "{}", home.name);
        let again = Face::Json.signs_in(&second.visitor(), &mobile, PASSWORD).await;
        Face::Json.assert_done(&again, 200);
        Face::Json.assert_done(&Face::Json.signs_out(&who).await, 200);
        second.end().await;
    })
    .await;
}

#[tokio::test]
async fn another_secret_key_believes_no_cookie_and_no_code() {
    on_shared_home(async |home| {
        let first = home.open(&[]).await;
        let who = first.visitor().signed_in(&fresh_mobile()).await;
        let mobile = fresh_mobile();
        who.ask_code(&mobile).await;
        let (jar, code) = (who.jar(), first.gateway.code_for(&mobile));
        let second = home.open(&[("SECRET_KEY", "another key, as long as the first one")]).await;
        let stranger = second.visitor();
        stranger.hold(jar);

        assert!(!stranger.is_known().await);
        let wrong = Face::Json.registers(&second.visitor(), &mobile, &code, PASSWORD).await;
        Face::Json.assert_refused(&wrong, (422, "4004"), "error-sms-code-wrong", &[("tries", 4)]);
        first.end().await;
        second.end().await;
    })
    .await;
}

#[tokio::test]
async fn two_instances_share_captchas_codes_limits_and_sessions() {
    on_shared_home(async |home| {
        let (one, two) = (home.open(&[]).await, home.open(&[]).await);
        for face in FACES {
            let mobile = fresh_mobile();
            // The picture from the one, the answer to the other.
            let (id, answer) = one.visitor().solve().await;
            let sent = face.asks_with(&two.visitor(), &mobile, (&id, &answer)).await;
            face.assert_done(&sent, 200);
            let again = face.asks(&one.visitor(), &mobile).await;
            assert_eq!(again.status.as_u16(), face.status(429), "{again:?}");
            let code = two.gateway.code_for(&mobile);
            let wrong = face
                .registers(&one.visitor(), &mobile, &super::sending::other_than(&code), PASSWORD)
                .await;
            face.assert_refused(&wrong, (422, "4004"), "error-sms-code-wrong", &[("tries", 4)]);
            let wrong = face
                .registers(&two.visitor(), &mobile, &super::sending::other_than(&code), PASSWORD)
                .await;
            face.assert_refused(&wrong, (422, "4004"), "error-sms-code-wrong", &[("tries", 3)]);
            let here = one.visitor();
            face.assert_done(&face.registers(&here, &mobile, &code, PASSWORD).await, 201);
            let there = two.visitor();
            there.hold(here.jar());
            assert!(there.is_known().await);

            face.assert_done(&face.signs_out(&there).await, 200);

            assert!(!here.is_known().await, "signed out there is signed out here");
        }
        one.end().await;
        two.end().await;
    })
    .await;
}

/// R83, R87: what one instance ends it refuses at once, and every other within a second, however
/// often it is asked meanwhile.
#[tokio::test]
async fn a_session_that_was_read_a_moment_ago_ends_here_at_once_and_there_within_a_second() {
    on_shared_home(async |home| {
        let settings = [("SESSION_CACHE_MILLISECONDS", "1000")];
        let (one, two) = (home.open(&settings).await, home.open(&settings).await);
        for face in FACES {
            let mobile = fresh_mobile();
            let here = one.visitor().signed_in(&mobile).await;
            let there = two.visitor();
            there.hold(here.jar());
            let stolen = one.visitor();
            stolen.hold(here.jar());
            assert!(here.is_known().await && there.is_known().await);

            face.assert_done(&face.signs_out(&here).await, 200);

            assert!(!stolen.is_known().await, "ended here");
            // Asking meanwhile does not make it last longer.
            for _ in 0..4 {
                there.is_known().await;
                home.clock.advance(Duration::from_millis(250)).await;
            }
            assert!(!there.is_known().await, "ended there");
        }
        one.end().await;
        two.end().await;
    })
    .await;
}

/// What changes of an account shows at once.
#[tokio::test]
async fn a_session_that_was_read_a_moment_ago_shows_what_has_changed() {
    on_each_with(&[("SESSION_CACHE_MILLISECONDS", "1000")], async |haoma| {
        let (who, mobile) = (haoma.visitor().signed_in(&fresh_mobile()).await, fresh_mobile());
        assert!(who.is_known().await);
        let name = format!("new-{mobile}");
        let request = who.request(reqwest::Method::PATCH, "/api/v1/user");
        let body = serde_json::json!({ "name": name }).to_string();
        let request = request.header("content-type", "application/json").body(body);
        Face::Json.assert_done(&who.send(request).await, 200);

        let me = who.get("/api/v1/session").await;

        assert_eq!(me.json()["data"]["name"], name.as_str());
        let again = haoma.visitor();
        again.hold(who.jar());
        Face::Json.assert_done(&who.delete("/api/v1/session").await, 200);
        assert!(!again.is_known().await);
    })
    .await;
}
