//! The requests to the Chinese vendors that came first.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use reqwest::Url;
use serde_json::Value;

use super::{header, message, secret, templates, text, vectors};
use crate::{
    domain::hex::{hex, sha256_hex},
    sms::{TemplateParam, aliyun, tencent, yuntongxun},
};

#[test]
fn yuntongxun_makes_the_same_request() {
    for vector in vectors("yuntongxun") {
        let settings = yuntongxun::Settings {
            base_url: Url::parse("https://app.cloopen.com:8883").unwrap(),
            account_sid: text(&vector, "/given/account_sid").to_owned(),
            auth_token: secret(&vector, "/given/auth_token"),
            app_id: "8a000000000000000000000000000b22".to_owned(),
            templates: templates("1", &[TemplateParam::Code, TemplateParam::Minutes]),
        };
        let in_beijing = text(&vector, "/given/timestamp");
        let in_beijing = NaiveDateTime::parse_from_str(in_beijing, "%Y%m%d%H%M%S").unwrap();
        let now = in_beijing.and_utc() - TimeDelta::hours(8);

        let message = message("", "042137");

        let request = yuntongxun::request(&settings, &settings.templates.fill_code(&message), now);

        assert_eq!(request.url.as_str(), text(&vector, "/expect/url"));
        assert!(request.url.as_str().ends_with(text(&vector, "/expect/sig")));
        assert_eq!(header(&request, "authorization"), text(&vector, "/expect/authorization"));
        assert_eq!(request.body, text(&vector, "/expect/body_example"));
    }
}

#[test]
fn tencent_makes_the_same_signature() {
    for vector in vectors("tencent") {
        let settings = tencent_settings(&vector);
        let now = tencent_now(&vector);
        let (content_type, body) =
            (text(&vector, "/given/content_type"), text(&vector, "/given/body"));

        let canonical = tencent::canonical_request(&settings.base_url, content_type, body);

        assert_eq!(sha256_hex(body), text(&vector, "/steps/hashed_payload"));
        assert_eq!(canonical, text(&vector, "/steps/canonical_request"));
        assert_eq!(sha256_hex(&canonical), text(&vector, "/steps/hashed_canonical_request"));
        assert_eq!(
            tencent::string_to_sign(&canonical, now),
            text(&vector, "/steps/string_to_sign")
        );
        let key = tencent::signing_key(&settings.secret_key, now);
        assert_eq!(hex(&key), text(&vector, "/steps/signing_key_hex"));
        let authorization = tencent::authorization(&settings, &canonical, now);
        assert_eq!(authorization, text(&vector, "/expect/authorization"));
        assert!(authorization.ends_with(text(&vector, "/expect/signature")));
    }
}

#[test]
fn tencent_makes_the_same_request() {
    // The third vector has a content type that production does not send.
    for name in ["tencent_sendsms", "tencent_beijing_before_8am"] {
        let vector = vectors(name).remove(0);
        let given: Value = serde_json::from_str(text(&vector, "/given/body")).unwrap();
        let message = message(text(&given, "/SessionContext"), text(&given, "/TemplateParamSet/0"));

        let settings = tencent_settings(&vector);

        let filled = settings.templates.fill_code(&message);
        let request = tencent::request(&settings, &filled, tencent_now(&vector));

        assert_eq!(request.url.as_str(), "https://sms.tencentcloudapi.com/");
        assert_eq!(request.body, text(&vector, "/given/body"));
        assert_eq!(header(&request, "authorization"), text(&vector, "/expect/authorization"));
        assert_eq!(header(&request, "content-type"), text(&vector, "/given/content_type"));
        for name in ["Action", "Version", "Region", "Timestamp"] {
            let expected = text(&vector, &format!("/given/headers/X-TC-{name}"));
            assert_eq!(header(&request, &format!("x-tc-{}", name.to_lowercase())), expected);
        }
    }
}

fn tencent_settings(vector: &Value) -> tencent::Settings {
    let body: Value = serde_json::from_str(text(vector, "/given/body")).unwrap();
    let all = [TemplateParam::Code, TemplateParam::Minutes];
    let params = body["TemplateParamSet"].as_array().unwrap().len();
    tencent::Settings {
        base_url: Url::parse(&format!("https://{}", text(vector, "/given/host"))).unwrap(),
        secret_id: text(vector, "/given/secret_id").to_owned(),
        secret_key: secret(vector, "/given/secret_key"),
        sdk_app_id: text(&body, "/SmsSdkAppId").to_owned(),
        sign_name: text(&body, "/SignName").to_owned(),
        region: "ap-guangzhou".to_owned(),
        templates: templates(text(&body, "/TemplateId"), &all[..params]),
    }
}

fn tencent_now(vector: &Value) -> DateTime<Utc> {
    DateTime::from_timestamp(vector["given"]["timestamp"].as_i64().unwrap(), 0).unwrap()
}

#[test]
fn aliyun_makes_the_same_request() {
    for vector in vectors("aliyun_v3") {
        let settings = aliyun::Settings {
            base_url: Url::parse("https://dysmsapi.aliyuncs.com").unwrap(),
            access_key_id: text(&vector, "/given/access_key_id").to_owned(),
            access_key_secret: secret(&vector, "/given/access_key_secret"),
            sign_name: text(&vector, "/given/query/SignName").to_owned(),
            templates: templates(
                text(&vector, "/given/query/TemplateCode"),
                &[TemplateParam::Code],
            ),
        };
        let now = text(&vector, "/given/headers/x-acs-date").parse::<DateTime<Utc>>().unwrap();
        let nonce = text(&vector, "/given/headers/x-acs-signature-nonce");
        let message = message(text(&vector, "/given/query/OutId"), "042137");

        let filled = settings.templates.fill_code(&message);
        let request = aliyun::request(&settings, &filled, now, nonce);

        let query = text(&vector, "/steps/canonical_query");
        assert_eq!(request.url.query(), Some(query));
        assert_eq!(request.body, "");
        let mut signed = aliyun::signed_headers(&settings.base_url, "SendSms", now, nonce);
        let accept = text(&vector, "/given/headers/accept");
        if accept.is_empty() {
            assert_eq!(header(&request, "authorization"), text(&vector, "/expect/authorization"));
        } else {
            // Production sends this header too, but only the vendor's SDK signs it.
            assert_eq!(header(&request, "accept"), accept);
            signed.insert("accept", accept.to_owned());
        }
        let canonical = aliyun::canonical_request("/", query, &signed);
        assert_eq!(canonical, text(&vector, "/steps/canonical_request"));
        assert_eq!(sha256_hex(&canonical), text(&vector, "/steps/hashed_canonical_request"));
        assert_eq!(aliyun::string_to_sign(&canonical), text(&vector, "/steps/string_to_sign"));
        let authorization = aliyun::authorization(&settings, &signed, &canonical);
        assert_eq!(authorization, text(&vector, "/expect/authorization"));
    }
}
