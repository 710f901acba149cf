//! The requests to the newer Chinese vendors.

use chrono::{DateTime, Utc};
use reqwest::Url;

use super::{compact_time, header, message, secret, templates, text, vectors};
use crate::sms::{TemplateParam, aliyun, aliyun::pnvs, huawei, volcengine};

#[test]
fn aliyun_pnvs_makes_the_same_request() {
    let vector = vectors("aliyun_pnvs").remove(0);
    let settings = aliyun::Settings {
        base_url: Url::parse("https://dypnsapi.aliyuncs.com").unwrap(),
        access_key_id: text(&vector, "/given/access_key_id").to_owned(),
        access_key_secret: secret(&vector, "/given/access_key_secret"),
        sign_name: text(&vector, "/given/sign_name").to_owned(),
        templates: templates(
            text(&vector, "/given/template_code"),
            &[TemplateParam::Code, TemplateParam::Minutes],
        ),
    };
    let now = text(&vector, "/given/date").parse::<DateTime<Utc>>().unwrap();
    let message = message(text(&vector, "/given/out_id"), "042137");

    let filled = settings.templates.fill_code(&message);
    let request = pnvs::request(&settings, &filled, now, text(&vector, "/given/nonce"));

    assert_eq!(request.url.as_str(), text(&vector, "/expect/url"));
    assert_eq!(request.body, "");
    for name in ["x-acs-action", "x-acs-version", "x-acs-content-sha256"] {
        assert_eq!(header(&request, name), text(&vector, &format!("/expect/{name}")));
    }
    assert_eq!(header(&request, "authorization"), text(&vector, "/expect/authorization"));
}

#[test]
fn huawei_makes_the_same_request() {
    let vector = vectors("huawei_send").remove(0);
    let both = [TemplateParam::Code, TemplateParam::Minutes];
    let settings = huawei::Settings {
        base_url: Url::parse("https://smsapi.cn-north-4.myhuaweicloud.com").unwrap(),
        app_key: text(&vector, "/given/app_key").to_owned(),
        app_secret: secret(&vector, "/given/app_secret"),
        sender: text(&vector, "/given/sender").to_owned(),
        sign_name: Some(text(&vector, "/given/sign_name").to_owned()),
        templates: templates(text(&vector, "/given/template_id"), &both),
        signs_receipts: false,
        callback: Some(secret(&vector, "/given/callback")),
    };
    let message = message("", "042137");

    let filled = settings.templates.fill_code(&message);
    let now = compact_time(text(&vector, "/given/date"));
    let request = huawei::request(&settings, &filled, now);

    assert_eq!(request.url.as_str(), text(&vector, "/expect/url"));
    assert_eq!(request.body, text(&vector, "/expect/body"));
    for name in ["content-type", "x-sdk-content-sha256", "x-sdk-date", "authorization"] {
        assert_eq!(header(&request, name), text(&vector, &format!("/expect/{name}")));
    }
}

#[test]
fn volcengine_makes_the_same_requests() {
    for (name, is_message) in [("volcengine_send", true), ("volcengine_list", false)] {
        let vector = vectors(name).remove(0);
        let settings = volcengine::Settings {
            base_url: Url::parse("https://sms.volcengineapi.com").unwrap(),
            access_key_id: text(&vector, "/given/access_key_id").to_owned(),
            secret_access_key: secret(&vector, "/given/secret_access_key"),
            sms_account: text(&vector, "/given/sms_account").to_owned(),
            sign_name: text(&vector, "/given/sign_name").to_owned(),
            templates: templates(text(&vector, "/given/template_id"), &[TemplateParam::Code]),
        };
        let message = message(text(&vector, "/given/tag"), "042137");
        let now = compact_time(text(&vector, "/expect/x-date"));

        let request = if is_message {
            volcengine::request(&settings, &settings.templates.fill_code(&message), now)
        } else {
            volcengine::signed(&settings, ("GET", volcengine::LIST_GROUPS), String::new(), now)
        };

        assert_eq!(request.url.as_str(), text(&vector, "/expect/url"));
        assert_eq!(request.body, text(&vector, "/expect/body"));
        for name in ["x-date", "x-content-sha256", "authorization"] {
            assert_eq!(header(&request, name), text(&vector, &format!("/expect/{name}")));
        }
    }
}
