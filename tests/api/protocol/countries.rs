//! Numbers of other countries, as people there write them.

use reqwest::StatusCode;
use serde_json::json;
use test_support::{app::on_each_with, client::TestClient};

/// Two numbers of each country: as people there write them, as they stand on a card for foreigners, and in E.164.
const NUMBERS: [(&str, [[&str; 3]; 2]); 20] = [
    (
        "HK",
        [
            ["5123 4567", "852-5123-4567", "+85251234567"],
            ["9123 4567", "+852 9123 4567", "+85291234567"],
        ],
    ),
    (
        "MO",
        [
            ["6612 3456", "00853 6612 3456", "+85366123456"],
            ["6288 0001", "(853) 6288 0001", "+85362880001"],
        ],
    ),
    (
        "TW",
        [
            ["0912-345-678", "+886 (0)912 345 678", "+886912345678"],
            ["0987 654 321", "+886 0987654321", "+886987654321"],
        ],
    ),
    (
        "JP",
        [
            ["090-1234-5678", "+81 (0)90 1234 5678", "+819012345678"],
            ["080 8765 4321", "+81-80-8765-4321", "+818087654321"],
        ],
    ),
    (
        "KR",
        [
            ["010-2000-0000", "+82 (0)10 2000 0000", "+821020000000"],
            ["010.9876.5432", "+82 10 9876 5432", "+821098765432"],
        ],
    ),
    (
        "SG",
        [
            ["8123 4567", "65 8123 4567", "+6581234567"],
            ["9876 5432", "0065 9876 5432", "+6598765432"],
        ],
    ),
    (
        "MY",
        [
            ["012-345 6789", "+60 (0)12 345 6789", "+60123456789"],
            ["011-1234 5678", "+60 11 1234 5678", "+601112345678"],
        ],
    ),
    (
        "ID",
        [
            ["0812-345-678", "+62 0812 345 678", "+62812345678"],
            ["0857 1234 5678", "+62 857-1234-5678", "+6285712345678"],
        ],
    ),
    (
        "TH",
        [
            ["081 234 5678", "+66 (0)81 234 5678", "+66812345678"],
            ["092-345-6789", "+66 92 345 6789", "+66923456789"],
        ],
    ),
    (
        "VN",
        [
            ["0912 345 678", "+84 (0)912 345 678", "+84912345678"],
            ["038 765 4321", "0084 38 765 4321", "+84387654321"],
        ],
    ),
    (
        "PH",
        [
            ["0905 123 4567", "+63 (0)905 123 4567", "+639051234567"],
            ["0917-765-4321", "+63 917 765 4321", "+639177654321"],
        ],
    ),
    (
        "IN",
        [
            ["081234 56789", "+91 81234 56789", "+918123456789"],
            ["98765 43210", "91 98765 43210", "+919876543210"],
        ],
    ),
    (
        "FR",
        [
            ["06 12 34 56 78", "+33 (0)6 12 34 56 78", "+33612345678"],
            ["07.66.55.44.33", "0033 7 66 55 44 33", "+33766554433"],
        ],
    ),
    (
        "DE",
        [
            ["01512 3456789", "+49 (0)1512 3456789", "+4915123456789"],
            ["0171/1234567", "+49 171 1234567", "+491711234567"],
        ],
    ),
    (
        "GB",
        [
            ["07400 123456", "+44 (0)7400 123456", "+447400123456"],
            ["07400 987654", "0044 7400 987654", "+447400987654"],
        ],
    ),
    (
        "IT",
        [
            ["312 345 6789", "+39 312 345 6789", "+393123456789"],
            ["347-1234567", "0039 347 1234567", "+393471234567"],
        ],
    ),
    (
        "US",
        [
            ["(201) 555-0123", "1-201-555-0123", "+12015550123"],
            ["650.253.0001", "+1 (650) 253 0001", "+16502530001"],
        ],
    ),
    (
        "MX",
        [
            ["222 123 4567", "+52 1 222 123 4567", "+522221234567"],
            ["55 1234 5678", "+52 55 1234 5678", "+525512345678"],
        ],
    ),
    (
        "AR",
        [
            ["11 15-2345-6789", "+54 11 15 2345 6789", "+5491123456789"],
            ["011 15 3456-7890", "+54 9 11 3456 7890", "+5491134567890"],
        ],
    ),
    (
        "AU",
        [
            ["0412 345 678", "+61 (0)412 345 678", "+61412345678"],
            ["0491 570 156", "0061 491 570 156", "+61491570156"],
        ],
    ),
];

async fn ask(client: &TestClient<'_>, mobile: &str) -> StatusCode {
    let (captcha_id, captcha) = client.app.captcha_without_picture().await;
    let body = json!({
        "mobile": mobile, "purpose": "login", "captcha_id": captcha_id, "captcha": captcha,
    });
    let status = client.post_json("/api/v1/sms-codes", &body).await.status;
    client.app.wait_for_background_tasks().await;
    status
}

#[tokio::test]
async fn every_spelling_of_a_number_is_one_account() {
    for (country, numbers) in NUMBERS {
        let settings = [("SMS_REGIONS", country), ("SMS_RESEND_SECONDS", "600")];
        on_each_with(&settings, async |app| {
            for spellings in numbers {
                let e164 = spellings[2];
                assert_eq!(ask(&app.client(), spellings[0]).await, StatusCode::OK, "{spellings:?}");
                let code = app.gateway.code_for(e164);
                for spelling in &spellings[1..] {
                    let again = ask(&app.client(), spelling).await;
                    assert_eq!(
                        again,
                        StatusCode::TOO_MANY_REQUESTS,
                        "{spelling} has a limit of its own"
                    );
                }
                let client = app.client();
                let body = json!({ "mobile": spellings[1], "sms_code": code });
                let entered = client.post_json("/api/v1/session", &body).await;
                assert_eq!(entered.status, StatusCode::CREATED, "{spellings:?}: {entered:?}");
                let shown = entered.json()["data"].to_string();
                assert!(
                    shown.contains(&format!("****{}", &e164[e164.len() - 4..])),
                    "{spellings:?}: {shown}"
                );
            }
        })
        .await;
    }
}

#[tokio::test]
async fn what_is_no_number_of_the_only_country_is_refused_with_an_example_of_one() {
    on_each_with(&[("SMS_REGIONS", "HK")], async |app| {
        for wrong in ["2123 4567", "13800138000", "+86 138 0013 8000", "+44 7400 123456", "abc"] {
            let (captcha_id, captcha) = app.captcha_without_picture().await;
            let body = json!({
                "mobile": wrong, "purpose": "login", "captcha_id": captcha_id, "captcha": captcha,
            });
            let refused = app.client().post_json("/api/v1/sms-codes", &body).await;
            assert_eq!(refused.errno(), "4103", "{wrong}: {refused:?}");
            let sentence = &refused.json()["fields"]["mobile"];
            assert_eq!(sentence, "请输入正确的手机号，例如 5123 4567", "{wrong}");
        }
        let page = app.client().get("/login").await.body;
        assert!(page.contains(">+852<"), "{page}");
        assert!(page.contains("请输入正确的手机号，例如 5123 4567"), "{page}");
    })
    .await;
}

#[tokio::test]
async fn without_scripts_a_sent_code_leaves_the_form_as_it_was() {
    on_each_with(&[("SMS_REGIONS", "HK")], async |app| {
        let client = app.client();
        let (captcha_id, captcha) = app.captcha_without_picture().await;
        let ask = [
            ("mobile", "+852 5123 4567"),
            ("captcha_id", &*captcha_id),
            ("captcha", &*captcha),
            ("by", "sms"),
            ("remember", "on"),
            ("step", "send"),
        ];
        client.get("/login").await;

        let sent = client.post_form("/login", &ask).await;

        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{sent:?}");
        let page = client.get("/login").await;
        assert!(page.body.contains("+852 5123 4567"), "the notice: {}", page.body);
        assert!(page.body.contains(r#"value="5123 4567""#), "beside the prefix: {}", page.body);
        let remember = page.body.split(r#"name="remember""#).nth(1).expect("a box");
        let remember = remember.split('>').next().expect("the rest of the box");
        assert!(remember.contains("checked"), "{remember}");
        app.wait_for_background_tasks().await;
        let fields = [
            ("by", "sms"),
            ("mobile", "5123 4567"),
            ("sms_code", &*app.gateway.code_for("+85251234567")),
        ];
        client.post_form("/login", &fields).await;
        let account = client.get("/account").await;
        assert!(account.body.contains("+852****4567"), "{}", account.body);
    })
    .await;
}
