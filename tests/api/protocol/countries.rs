//! Numbers of other countries, as people there write them.

use reqwest::{Method, StatusCode, header::ACCEPT_LANGUAGE};
use serde_json::{Map, Value, json};
use test_support::{
    app::{PASSWORD, on_each_with},
    client::{TestClient, TestResponse},
};

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
        for wrong in ["2123 4567", "13800138000", "+86 21 5123 4567", "abc"] {
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

const THREE: (&str, &str) = ("SMS_REGIONS", "CN,HK,SG");

/// Every number of the table, in a country among all others.
#[tokio::test]
async fn a_chosen_country_reads_every_spelling_as_the_only_one_does() {
    // So few of them that they do not look like abuse.
    for countries in NUMBERS.chunks(5) {
        on_each_with(&[("SMS_REGIONS", "*"), ("SMS_RESEND_SECONDS", "600")], async |app| {
            for (country, numbers) in countries {
                for [local, foreign, e164] in numbers {
                    let sent = ask_in(&app.client(), local, country).await;
                    assert_eq!(sent.status, StatusCode::OK, "{country} {local}: {sent:?}");
                    let code = app.gateway.last_code_for(e164);
                    assert!(code.is_some(), "{country} {local} is {e164}");
                    for (spelling, chosen) in [(foreign, *country), (e164, *country), (e164, "CN")]
                    {
                        let again = ask_in(&app.client(), spelling, chosen).await.status;
                        assert_eq!(again, StatusCode::TOO_MANY_REQUESTS, "{chosen} {spelling}");
                    }
                }
            }
        })
        .await;
    }
}

async fn ask_in(client: &TestClient<'_>, mobile: &str, country: &str) -> TestResponse {
    let (captcha_id, captcha) = client.app.captcha_without_picture().await;
    let body = json!({
        "mobile": mobile, "country": country, "purpose": "login", "captcha_id": captcha_id, "captcha": captcha,
    });
    let answer = client.post_json("/api/v1/sms-codes", &body).await;
    client.app.wait_for_background_tasks().await;
    answer
}

#[tokio::test]
async fn a_country_that_is_unknown_or_not_served_is_refused_by_its_name() {
    on_each_with(&[THREE], async |app| {
        for (mobile, country, field, reason, sentence) in [
            (
                "9123 4567",
                "XX",
                "country",
                "not-a-country",
                "请填写两个字母的国家或地区代码，例如 CN",
            ),
            ("9123 4567", "JP", "country", "not-served", "暂不支持该国家或地区的手机号：日本"),
            (
                "+81 90 1234 5678",
                "HK",
                "mobile",
                "not-served",
                "暂不支持该国家或地区的手机号：日本",
            ),
            ("2123 4567", "HK", "mobile", "not-mobile", "请输入正确的手机号，例如 5123 4567"),
        ] {
            let refused = ask_in(&app.client(), mobile, country).await;
            assert_eq!(refused.errno(), "4103", "{refused:?}");
            assert_eq!(refused.json()["reasons"][field], reason, "{mobile} {country}");
            assert_eq!(refused.json()["fields"][field], sentence, "{mobile} {country}");
            assert_eq!(refused.json()["fields"].as_object().map(Map::len), Some(1), "{refused:?}");
        }
        let refused = ask_in(&app.client(), "9123 4567", "").await;
        assert_eq!(refused.json()["reasons"]["mobile"], "not-mobile", "{refused:?}");
    })
    .await;
}

/// One number is local in Hong Kong and in Singapore: the country beside it makes two accounts of it, on every form of JSON.
#[tokio::test]
async fn a_country_is_taken_wherever_a_number_is() {
    on_each_with(&[THREE], async |app| {
        for (country, e164) in [("HK", "+85291234567"), ("SG", "+6591234567")] {
            let client = app.client();
            let number = json!({ "mobile": "9123 4567", "country": country });
            let complete = |more: Value| {
                let mut fields = number.as_object().expect("an object").clone();
                fields.extend(more.as_object().expect("an object").clone());
                Value::Object(fields)
            };
            let (captcha_id, captcha) = app.captcha_without_picture().await;
            let wish =
                json!({ "purpose": "register", "captcha_id": captcha_id, "captcha": captcha });
            let sent = client.post_json("/api/v1/sms-codes", &complete(wish)).await;
            assert_eq!(sent.status, StatusCode::OK, "{sent:?}");
            app.wait_for_background_tasks().await;
            let code = app.gateway.code_for(e164);
            let wish = json!({ "sms_code": code, "password": PASSWORD });
            let registered = client.post_json("/api/v1/users", &complete(wish)).await;
            assert_eq!(registered.status, StatusCode::CREATED, "{registered:?}");
            let id = registered.json()["data"]["id"].clone();

            let credentials =
                json!({ "login": "9123-4567", "country": country, "password": PASSWORD });
            for path in ["/api/v1/session", "/api/v1/tokens"] {
                let entered = app.client().post_json(path, &credentials).await;
                assert_eq!(entered.json()["data"]["id"], id, "{entered:?}");
            }
            let unchosen = json!({ "login": "9123-4567", "password": PASSWORD });
            let refused = app.client().post_json("/api/v1/session", &unchosen).await;
            assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{refused:?}");
        }
    })
    .await;
}

/// Returns the country that is chosen in the menu of a page.
fn chosen(page: &str) -> &str {
    let option =
        page.split("<option ").find(|option| option.contains(" selected")).expect("a choice");
    option.split('"').nth(1).expect("a value")
}

#[tokio::test]
async fn the_menu_begins_with_the_readers_country_and_remembers_it() {
    on_each_with(&[THREE], async |app| {
        for (accepted, first) in
            [("zh-HK,en;q=0.5", "HK"), ("en-SG", "SG"), ("fr-FR", "CN"), ("zh-CN", "CN")]
        {
            for path in ["/login", "/login?by=password", "/register", "/reset-password"] {
                let client = app.client();
                let request = client.request(Method::GET, path).header(ACCEPT_LANGUAGE, accepted);
                let page = client.send(request).await;
                assert_eq!(chosen(&page.body), first, "{path} {accepted}");
                let name = match accepted {
                    "zh-HK,en;q=0.5" => ">香港 +852<",
                    "en-SG" => ">Hong Kong +852<",
                    _ => ">中国香港 +852<",
                };
                assert!(page.body.contains(name), "{accepted}: {page:?}");
            }
        }
        let client = app.client();
        ask_in(&client, "+65 9123 4567", "HK").await;
        let page = client.get("/login?by=password").await;
        assert_eq!(chosen(&page.body), "SG", "the number's own");
        let cookies = client.get("/register").await;
        assert_eq!(chosen(&cookies.body), "SG", "remembered");
    })
    .await;
}

#[tokio::test]
async fn without_scripts_the_chosen_country_and_the_number_stay_in_the_form() {
    on_each_with(&[THREE], async |app| {
        let client = app.client();
        client.get("/login").await;
        let send = async |mobile: &str, country: &str| {
            let (captcha_id, captcha) = app.captcha_without_picture().await;
            let fields = [
                ("mobile", mobile),
                ("country", country),
                ("captcha_id", &captcha_id),
                ("captcha", &captcha),
                ("by", "sms"),
                ("step", "send"),
            ];
            client.post_form("/login", &fields).await
        };

        let refused = send("2123 4567", "SG").await.body;
        assert!(refused.contains("请输入正确的手机号，例如 8123 4567"), "{refused}");
        assert_eq!(chosen(&refused), "SG");
        let elsewhere = send("+81 90 1234 5678", "SG").await.body;
        assert!(elsewhere.contains("暂不支持该国家或地区的手机号：日本"), "{elsewhere}");
        let tampered = send("9123 4567", "JP").await.body;
        assert!(tampered.contains("暂不支持该国家或地区的手机号：日本"), "{tampered}");

        assert_eq!(send("9123 4567", "HK").await.status, StatusCode::SEE_OTHER);
        let page = client.get("/login").await.body;
        assert_eq!(chosen(&page), "HK");
        assert!(page.contains(r#"value="9123 4567""#) && page.contains("+852 9123 4567"), "{page}");
        app.wait_for_background_tasks().await;
        let code = app.gateway.code_for("+85291234567");
        let fields =
            [("by", "sms"), ("mobile", "9123 4567"), ("country", "HK"), ("sms_code", &*code)];
        client.post_form("/login", &fields).await;
        let account = client.get("/account").await.body;
        assert!(account.contains("+852****4567"), "{account}");
        let change = client.get("/account/mobile").await.body;
        assert_eq!(chosen(&change), "HK", "every form with a number has the menu");
    })
    .await;
}

/// With one country the pages have no menu, and neither its script nor its style.
#[tokio::test]
async fn one_country_brings_no_menu() {
    for regions in ["CN", "HK"] {
        on_each_with(&[("SMS_REGIONS", regions)], async |app| {
            for path in ["/login", "/login?by=password"] {
                let page = app.client().get(path).await.body;
                assert!(!page.contains("<select") && !page.contains("countries."), "{page}");
            }
            let refused = ask_in(&app.client(), "+81 90 1234 5678", "").await;
            assert_eq!(refused.json()["reasons"]["mobile"], "not-served", "{refused:?}");
            let chosen = ask_in(&app.client(), "5123 4567", "HK").await;
            let is_served = regions == "HK";
            assert_eq!(chosen.status == StatusCode::OK, is_served, "{chosen:?}");
        })
        .await;
    }
}

/// Somebody in Hong Kong could otherwise be asked for the password of whoever has taken their number as a name.
#[tokio::test]
async fn a_name_of_digits_is_refused_where_numbers_are_short() {
    on_each_with(&[("SMS_REGIONS", "HK")], async |app| {
        let client = app.client();
        assert_eq!(ask(&client, "5123 4567").await, StatusCode::OK);
        let code = app.gateway.code_for("+85251234567");
        let body = |name: &str| json!({ "mobile": "5123 4567", "sms_code": code, "name": name });
        for name in ["61234567", "6123-4567", "６１２３４５６７"] {
            let refused = client.post_json("/api/v1/session", &body(name)).await;
            assert_eq!(refused.json()["reasons"]["name"], "not-a-name", "{name}: {refused:?}");
        }
        let made = client.post_json("/api/v1/session", &body("hk6123")).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    })
    .await;
}
