//! Audio captchas.

use haoma::domain::{
    keys::SecretKey,
    speech::{Voice, speak},
};
use reqwest::{Method, Response, header::RANGE};
use serde_json::json;
use test_support::{
    app::{KEY, fresh_mobile, on_each, on_each_with},
    client::TestClient,
    interface::Interface,
};

fn audio(id: &str) -> String {
    format!("/api/v1/captchas/{id}/audio")
}

async fn bytes(response: Response) -> Vec<u8> {
    assert_eq!(response.status(), 200);
    response.bytes().await.expect("a body").to_vec()
}

async fn recording_of(client: &TestClient<'_>, path: &str, language: &str) -> Vec<u8> {
    let asked =
        client.request_without_origin(Method::GET, path).header("accept-language", language);
    bytes(asked.send().await.expect("an answer")).await
}

/// Returns the recording for an id. `src/domain/speech/tests.rs` shows that it contains the answer in order.
fn expected(voice: Voice, id: &str, answer: &str) -> Vec<u8> {
    let key = SecretKey::new(KEY.as_bytes().to_vec()).derive("speech");
    speak(voice, answer, key.mac(&[id, answer, voice.as_str()]))
}

/// R8: the language is the only parameter of a recording.
#[tokio::test]
async fn the_recording_says_the_answer_in_the_language_of_the_page() {
    on_each(async |app| {
        let client = app.client();
        let (id, answer) = client.solve_captcha().await;
        for (query, language, voice) in [
            ("", "zh-CN", Voice::Chinese),
            ("", "en-GB", Voice::English),
            ("?lang=en", "zh-CN", Voice::English),
            ("?lang=zh-CN&length=1&noise=0&speed=1", "en", Voice::Chinese),
        ] {
            let recording =
                recording_of(&client, &format!("{}{query}", audio(&id)), language).await;
            assert!(recording == expected(voice, &id, &answer), "{query} {language}");
        }
        assert_eq!(app.answer_of(&id).await, Some(answer), "it waits for its answer still");
    })
    .await;
}

/// Two recordings of one captcha could be averaged; two of one length or beginning could be recognised.
#[tokio::test]
async fn every_puzzle_has_one_recording_of_its_own_and_all_are_of_one_length() {
    on_each(async |app| {
        let client = app.client();
        let mut recordings = Vec::new();
        for _ in 0..4 {
            let (id, _) = client.solve_captcha().await;
            let once = recording_of(&client, &audio(&id), "en").await;
            assert!(
                once == recording_of(&client, &audio(&id), "en").await,
                "another recordings of one puzzle"
            );
            recordings.push(once);
        }
        let (id, _) = client.solve_captcha().await;
        let first = recording_of(&client, &audio(&id), "en").await;
        client.get(&format!("/api/v1/captchas/{id}")).await;
        recordings.extend([first, recording_of(&client, &audio(&id), "en").await]);

        let lengths: Vec<_> = recordings.iter().map(Vec::len).collect();
        assert!(lengths.iter().all(|length| *length == 57_644), "{lengths:?}");
        recordings.sort();
        recordings.dedup();
        assert_eq!(recordings.len(), lengths.len());
    })
    .await;
}

/// R3, R9, R99.
#[tokio::test]
async fn picture_and_recording_are_used_up_together_and_not_cached() {
    on_each(async |app| {
        let client = app.client();
        let (id, answer) = client.solve_captcha().await;
        let recording = client.get(&audio(&id)).await;
        assert_eq!(recording.header("content-type"), "audio/wav");
        assert_eq!(recording.header("cache-control"), "no-store");
        assert!(
            !format!("{:?}", recording.headers).to_lowercase().contains(&format!("{answer}\""))
        );
        assert!(recording.cookies().is_empty());

        let body = json!({ "mobile": fresh_mobile(), "purpose": "register", "captcha_id": id,
            "captcha": answer });
        Interface::Json.assert_success(&client.post_json("/api/v1/sms-codes", &body).await, 200);

        for id in [id.as_str(), "never-drawn"] {
            let gone = client.get(&audio(id)).await;
            Interface::Json.assert_refused(&gone, (404, "4002"), "error-not-found", &[]);
        }
        let refused = client.get(&audio("a%20b")).await;
        Interface::Json.assert_field_refused(&refused, "id", "problem-malformed");
    })
    .await;
}

/// R10, R31.
#[tokio::test]
async fn recordings_count_against_the_limit_like_pictures() {
    on_each_with(&[("CAPTCHAS_PER_ADDRESS_MINUTE", "4")], async |app| {
        let client = app.client();
        let (id, _) = client.solve_captcha().await;
        for _ in 0..2 {
            assert_eq!(client.get(&audio(&id)).await.status, 200);
        }
        // There is no recording, but the request counts.
        assert_eq!(client.get(&audio("never-drawn")).await.status, 404);

        for path in [audio(&id), audio("never-drawn"), format!("/api/v1/captchas/{id}")] {
            assert_eq!(client.get(&path).await.status, 400, "{path}");
        }
        let head = client
            .request_without_origin(Method::HEAD, &audio(&id))
            .send()
            .await
            .expect("an answer");
        assert_eq!(head.status(), 200, "nothing is done for it");
    })
    .await;
}

#[tokio::test]
async fn recordings_support_range_requests() {
    on_each(async |app| {
        let client = app.client();
        let (id, _) = client.solve_captcha().await;
        let whole = recording_of(&client, &audio(&id), "zh-CN").await;
        let part = async |range: &str| {
            let asked =
                client.request_without_origin(Method::GET, &audio(&id)).header(RANGE, range);
            let response =
                asked.header("accept-language", "zh-CN").send().await.expect("an answer");
            let range = response.headers().get("content-range").cloned();
            let range = range.map(|header| header.to_str().expect("a text").to_owned());
            (response.status().as_u16(), range, response.bytes().await.expect("a body").to_vec())
        };
        let of = |text: &str| Some(format!("bytes {text}/57644"));

        assert_eq!(part("bytes=0-1").await, (206, of("0-1"), whole[..2].to_vec()));
        let rest = part("bytes=57000-").await;
        assert!(rest == (206, of("57000-57643"), whole[57_000..].to_vec()), "{:?}", rest.1);
        let last = part("bytes=-4").await;
        assert_eq!(last, (206, of("57640-57643"), whole[57_640..].to_vec()));
        for odd in ["bytes=57644-", "bytes=5-1", "bytes=0-1,4-5", "bytes=x", "lines=1-2"] {
            let (status, range, body) = part(odd).await;
            assert!((status, range) == (200, None) && body == whole, "{odd}");
        }
    })
    .await;
}
