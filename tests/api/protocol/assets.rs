//! The style sheet and the scripts, as browsers request them.

use std::io::Read as _;

use flate2::read::GzDecoder;
use reqwest::{
    Method,
    header::{ACCEPT_ENCODING, CONTENT_ENCODING, VARY},
};
use test_support::app::{TestApp, on_each};

/// Returns the encoding and the bytes of an answer.
async fn fetched(app: &TestApp, path: &str, accepted: &str) -> (String, Vec<u8>) {
    let request =
        app.client().request_without_origin(Method::GET, path).header(ACCEPT_ENCODING, accepted);
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status().as_u16(), 200, "{path}");
    assert!(
        response.headers().get_all(VARY).iter().any(|header| header == "accept-encoding"),
        "{path}"
    );
    let encoding = response.headers().get(CONTENT_ENCODING);
    let encoding = encoding.map_or("", |header| header.to_str().expect("a word")).to_owned();
    (encoding, response.bytes().await.expect("a body").to_vec())
}

#[tokio::test]
async fn files_are_compressed_as_accepted_and_pages_that_say_nothing_about_a_person() {
    on_each(async |app| {
        let page = app.client().get("/register").await;
        for before in ["<link rel=\"stylesheet\" href=\"", "<script src=\""] {
            let path = page.value_after(before);
            let (plain, whole) = fetched(app, &path, "identity").await;
            let (refused, same) = fetched(app, &path, "br, gzip;q=0").await;
            let (packed, small) = fetched(app, &path, "gzip, deflate, br, zstd").await;

            assert_eq!((plain.as_str(), refused.as_str(), packed.as_str()), ("", "", "gzip"));
            assert!(small.len() * 2 < whole.len(), "{} of {}", small.len(), whole.len());
            let mut unpacked = Vec::new();
            GzDecoder::new(&*small).read_to_end(&mut unpacked).expect("gzip");
            assert!(unpacked == whole && same == whole, "{path}");
        }

        // What another site chooses of an address must not be compressed together with what is secret.
        for (path, is_compressed) in
            [("/register", true), ("/register?next=%2Fx", false), ("/nowhere", false)]
        {
            let request = app
                .client()
                .request_without_origin(Method::GET, path)
                .header(ACCEPT_ENCODING, "gzip");
            let page = request.send().await.expect("an answer");
            assert_eq!(page.headers().contains_key(CONTENT_ENCODING), is_compressed, "{path}");
        }
    })
    .await;
}
