//! Tests of plain values, which hold captchas.

use std::time::Duration;

use super::{MINUTE, hundred, on_each, on_each_clock};

#[tokio::test]
async fn of_a_hundred_who_consume_a_captcha_at_once_one_gets_its_text() {
    on_each(async |kv| {
        kv.set("captcha", "abcd", MINUTE).await.expect("kept");

        let taken = hundred(&kv, async |kv| kv.take("captcha").await.expect("answers")).await;

        let got: Vec<_> = taken.into_iter().flatten().collect();
        assert_eq!(got, ["abcd"]);
        assert_eq!(kv.take("captcha").await.expect("answers"), None);
        assert_eq!(kv.get("captcha").await.expect("answers"), None);
    })
    .await;
}

#[tokio::test]
async fn the_last_text_stored_under_a_key_counts() {
    on_each(async |kv| {
        kv.set("captcha", "abcd", MINUTE).await.expect("kept");
        kv.set("captcha", "efgh", MINUTE).await.expect("kept");
        kv.set("other", "ijkl", MINUTE).await.expect("kept");

        assert_eq!(kv.get("captcha").await.expect("answers").as_deref(), Some("efgh"));
        assert_eq!(kv.take("captcha").await.expect("answers").as_deref(), Some("efgh"));
        assert_eq!(kv.get("other").await.expect("answers").as_deref(), Some("ijkl"));
        assert_eq!(kv.get("never kept").await.expect("answers"), None);
    })
    .await;
}

#[tokio::test]
async fn a_captcha_expires() {
    on_each_clock(async |kv, clock| {
        kv.set("short", "abcd", Duration::from_millis(300)).await.expect("kept");
        kv.set("renewed", "abcd", Duration::from_millis(300)).await.expect("kept");
        kv.set("renewed", "efgh", MINUTE).await.expect("kept");

        clock.advance(Duration::from_millis(600)).await;

        assert_eq!(kv.get("short").await.expect("answers"), None);
        assert_eq!(kv.take("short").await.expect("answers"), None);
        assert_eq!(kv.get("renewed").await.expect("answers").as_deref(), Some("efgh"));
    })
    .await;
}

#[tokio::test]
async fn ping_succeeds_on_each_backend() {
    on_each(async |kv| kv.ping().await.expect("answers")).await;
}
