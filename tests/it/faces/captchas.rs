//! The picture: asked once, answered once.

use crate::face::Face;
use crate::{
    face::{Deed, FACES},
    haoma::{fresh_mobile, on_each},
    visitor::{Answer, Visitor},
};

async fn send(face: Face, who: &Visitor<'_>, mobile: &str, id: &str, answer: &str) -> Answer {
    let fields = [("mobile", mobile), ("captcha_id", id), ("captcha", answer)];
    face.does(who, Deed::Send, &fields).await
}

#[tokio::test]
async fn a_picture_is_a_png_of_its_own_each_time() {
    on_each(async |haoma| {
        let who = haoma.visitor();
        let first = who.get("/api/v1/captchas/my-picture").await;
        let answer = haoma.answer_of("my-picture").await.expect("kept");
        let second = who.get("/api/v1/captchas/my-picture").await;

        assert_eq!(first.status.as_u16(), 200);
        assert_eq!(first.header("content-type"), "image/png");
        assert!(first.body.contains("PNG"));
        assert_ne!(first.body, second.body);
        assert!(!first.everything().to_lowercase().contains(&format!("\"{answer}\"")));
        assert_eq!(answer.len(), 4);
        assert!(first.cookies().is_empty(), "a picture needs no cookie");
    })
    .await;
}

#[tokio::test]
async fn the_id_of_a_picture_is_short_and_plain() {
    on_each(async |haoma| {
        let long = "a".repeat(65);
        for id in ["a%20b", "a.b", "%C3%A9", "a%00b", "%FF", "%2e%2e%2f", "{x}", "a:b", &long] {
            let answer = haoma.visitor().get(&format!("/api/v1/captchas/{id}")).await;
            Face::Json.assert_field_refused(&answer, "id", "problem-malformed");
        }
        for id in ["a", &"a".repeat(64), "0B1C-d"] {
            let answer = haoma.visitor().get(&format!("/api/v1/captchas/{id}")).await;
            assert_eq!(answer.status.as_u16(), 200, "{id}");
        }
    })
    .await;
}

#[tokio::test]
async fn case_and_outer_spaces_of_the_answer_do_not_count() {
    on_each(async |haoma| {
        for face in FACES {
            let (who, mobile) = (haoma.visitor(), fresh_mobile());
            let (id, answer) = who.solve().await;
            let typed = format!("  {} ", answer.to_uppercase());
            face.assert_done(&send(face, &who, &mobile, &id, &typed).await, 200);
        }
    })
    .await;
}

#[tokio::test]
async fn a_wrong_answer_kills_the_picture() {
    on_each(async |haoma| {
        for face in FACES {
            let (who, mobile) = (haoma.visitor(), fresh_mobile());
            let (id, answer) = who.solve().await;

            let wrong = send(face, &who, &mobile, &id, "zzzz").await;
            let right = send(face, &who, &mobile, &id, &answer).await;

            face.assert_refused(&wrong, (422, "4004"), "error-captcha-wrong", &[]);
            face.assert_refused(&right, (422, "4002"), "error-captcha-gone", &[]);
            assert_eq!(haoma.gateway.count_for(&mobile), 0);
        }
    })
    .await;
}

#[tokio::test]
async fn part_of_the_answer_is_wrong() {
    on_each(async |haoma| {
        for part in [1, 3] {
            let (who, mobile) = (haoma.visitor(), fresh_mobile());
            let (id, answer) = who.solve().await;
            let refused = send(Face::Json, &who, &mobile, &id, &answer[..part]).await;
            Face::Json.assert_refused(&refused, (422, "4004"), "error-captcha-wrong", &[]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_used_picture_texts_nobody_again() {
    on_each(async |haoma| {
        for face in FACES {
            let (who, one, other) = (haoma.visitor(), fresh_mobile(), fresh_mobile());
            let (id, answer) = who.solve().await;
            face.assert_done(&send(face, &who, &one, &id, &answer).await, 200);

            let again = send(face, &who, &other, &id, &answer).await;

            face.assert_refused(&again, (422, "4002"), "error-captcha-gone", &[]);
            assert_eq!(haoma.gateway.count_for(&other), 0);
        }
    })
    .await;
}

#[tokio::test]
async fn a_picture_that_was_never_drawn_or_has_expired_is_gone() {
    on_each(async |haoma| {
        for face in FACES {
            let (who, mobile) = (haoma.visitor(), fresh_mobile());
            let never = uuid::Uuid::new_v4().to_string();
            let refused = send(face, &who, &mobile, &never, "abcd").await;
            face.assert_refused(&refused, (422, "4002"), "error-captcha-gone", &[]);

            let (id, answer) = who.solve().await;
            haoma.forget_captcha(&id, &answer).await;
            let refused = send(face, &who, &mobile, &id, &answer).await;
            face.assert_refused(&refused, (422, "4002"), "error-captcha-gone", &[]);
        }
    })
    .await;
}

#[tokio::test]
async fn another_picture_under_the_same_id_replaces_the_first() {
    on_each(async |haoma| {
        let (who, mobile) = (haoma.visitor(), fresh_mobile());
        let (id, first) = who.solve().await;
        let mut second = first.clone();
        while second == first {
            who.get(&format!("/api/v1/captchas/{id}")).await;
            second = haoma.answer_of(&id).await.expect("kept");
        }

        let sent = send(Face::Json, &who, &mobile, &id, &second).await;

        Face::Json.assert_done(&sent, 200);
    })
    .await;
}

#[tokio::test]
async fn every_showing_of_the_form_has_a_picture_of_its_own() {
    on_each(async |haoma| {
        let who = haoma.visitor();
        let id_of = |page: &Answer| page.value_after("name=\"captcha_id\" value=\"");
        let first = who.get("/register").await;
        let second = Face::Page.does(&who, Deed::Send, &[("mobile", "13800138000")]).await;
        let another = who.post_form("/register", &[("step", "picture"), ("mobile", "138")]).await;

        assert_ne!(id_of(&first), id_of(&second));
        assert_ne!(id_of(&second), id_of(&another));
        assert_eq!(another.status.as_u16(), 200);
        assert_eq!(another.value_after("name=\"mobile\" type=\"tel\" inputmode=\"tel\" autocomplete=\"tel\" required value=\""), "138");
        let picture = who.get(&format!("/api/v1/captchas/{}", id_of(&another))).await;
        assert_eq!(picture.header("content-type"), "image/png");
    })
    .await;
}
