//! Many concurrent users while a vendor hangs.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::json;
use test_support::{app::fresh_mobile, fake_vendor::Reply};

use super::sms_app::{Endpoint, MANY, accepts, on_each};

const PEOPLE: usize = 200;

#[tokio::test]
async fn two_hundred_people_get_their_code_though_the_first_vendor_hangs() {
    let hangs = ("yuntongxun", Endpoint::Answers(Reply::After(Duration::from_mins(1))));
    on_each(&[hangs, accepts("tencent")], &MANY, async |sms_app| {
        let mut clients = Vec::new();
        for _ in 0..PEOPLE {
            let (client, mobile) = (sms_app.app.client(), fresh_mobile());
            let (captcha_id, captcha) = sms_app.app.captcha_without_picture().await;
            let body = json!({ "mobile": mobile, "purpose": "register",
                "captcha_id": captcha_id, "captcha": captcha });
            clients.push((client, mobile, body));
        }

        let asked =
            clients.iter().map(|(client, _, body)| client.post_json("/api/v1/sms-codes", body));
        let asked = join_all(asked);
        let others = async {
            for _ in 0..10 {
                let client = sms_app.app.client();
                assert_eq!(client.get("/login").await.status, StatusCode::OK);
                client.solve_captcha().await;
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        let (asked, ()) = tokio::join!(asked, others);

        for response in asked {
            assert_eq!(response.status, StatusCode::OK, "{response:?}");
        }
        let mut to: Vec<_> =
            sms_app.messages("tencent").into_iter().map(|message| message.0).collect();
        to.sort_unstable();
        let mut expected: Vec<_> = clients.into_iter().map(|client| client.1).collect();
        expected.sort_unstable();
        assert_eq!(to, expected, "each user got one message");

        sms_app.send(&fresh_mobile()).await;
        assert!(sms_app.request_counts()[0] <= PEOPLE, "the hanging vendor is skipped");
    })
    .await;
}
