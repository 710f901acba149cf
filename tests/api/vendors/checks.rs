//! Checks of a vendor account that send no message.

use chrono::{TimeDelta, Utc};
use haoma::sms::{AnswerClass, CredentialCheck};
use serde_json::json;
use test_support::{
    fake_vendor::{FakeVendor, Reply, SeenRequest},
    vendor_accounts::{VENDORS, answer},
};

use super::vendor;

/// Returns the vendors that have a harmless call. Huawei's needs the account's own key instead of the application's.
fn checkable() -> impl Iterator<Item = &'static str> {
    VENDORS.into_iter().filter(|name| *name != "huawei")
}

/// Checks an account at a vendor that replies like this; returns the result and the request that the vendor got.
async fn check(name: &str, reply: Reply) -> (CredentialCheck, SeenRequest) {
    let fake = FakeVendor::start(reply);
    let checkup = vendor(name, &fake.url).check().await.expect("a way to ask");
    let mut seen = fake.stop().await;
    assert_eq!(seen.len(), 1, "{name}: requests");
    (checkup, seen.remove(0))
}

/// Returns the answer of a vendor to a check of a working account.
fn good(name: &str) -> String {
    match name {
        "yuntongxun" => json!({ "statusCode": "000000", "Account": { "balance": "1.00" } }),
        "tencent" => json!({ "Response": {
            "SendStatusStatistics": { "FeeCount": 0, "RequestCount": 0, "RequestSuccessCount": 0 },
            "RequestId": "r",
        } }),
        "aliyun" => json!({ "Code": "OK", "TemplateStatus": "1", "RequestId": "r" }),
        "aliyun_pnvs" => json!({ "Code": "OK", "Success": true, "TotalCount": 0, "Model": [] }),
        "volcengine" => {
            json!({ "ResponseMetadata": { "RequestId": "r" }, "Result": { "list": [] } })
        }
        "vonage" => json!({ "value": 10.28, "autoReload": false }),
        "sns" => return "<R><IsInSandbox>false</IsInSandbox></R>".to_owned(),
        _ => json!({ "sid": "AC11", "status": "active", "type": "Full" }),
    }
    .to_string()
}

/// Returns the answer of a vendor to a wrong secret.
fn refusal(name: &str) -> (u16, String, &'static str) {
    let (status, body, code) = match name {
        "yuntongxun" => (200, json!({ "statusCode": "111109", "statusMsg": "x" }), "111109"),
        "tencent" => (
            200,
            json!({ "Response": { "RequestId": "r",
                "Error": { "Code": "AuthFailure.SignatureFailure", "Message": "x" } } }),
            "AuthFailure.SignatureFailure",
        ),
        "aliyun" | "aliyun_pnvs" => (
            400,
            json!({ "Code": "SignatureDoesNotMatch", "Message": "x", "RequestId": "r" }),
            "SignatureDoesNotMatch",
        ),
        "volcengine" => {
            let error = json!({ "Code": "SignatureDoesNotMatch", "Message": "x" });
            let metadata = json!({ "RequestId": "r", "Error": error });
            (401, json!({ "ResponseMetadata": metadata }), "SignatureDoesNotMatch")
        }
        "vonage" => (401, json!({ "error-code": "401", "error-code-label": "x" }), "401"),
        "sns" => return (403, answer(name, "SignatureDoesNotMatch"), "SignatureDoesNotMatch"),
        _ => (401, json!({ "code": 20003, "message": "Authenticate", "status": 401 }), "20003"),
    };
    (status, body.to_string(), code)
}

#[tokio::test]
async fn a_working_vendor_account_is_reported_as_such() {
    for name in checkable() {
        let (checkup, _) = check(name, Reply::Now(200, good(name))).await;

        let classified = checkup.answer;
        assert_eq!(
            (classified.class, classified.detail.as_str()),
            (AnswerClass::Sent, ""),
            "{name}"
        );
        let date = checkup.date.expect("the double's clock");
        assert!((Utc::now() - date).num_seconds().abs() < 30, "{name}: {date}");
    }
}

#[tokio::test]
async fn refused_credentials_are_reported_with_the_vendors_code() {
    for name in checkable() {
        let (status, body, code) = refusal(name);

        let (checkup, _) = check(name, Reply::Now(status, body)).await;

        let classified = checkup.answer;
        assert_eq!(
            (classified.class, classified.detail.as_str()),
            (AnswerClass::Config, code),
            "{name}"
        );
    }
}

#[tokio::test]
async fn the_clock_of_the_vendor_is_reported_with_every_answer() {
    let theirs = Utc::now() - TimeDelta::minutes(20);
    let date = theirs.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    for name in checkable() {
        let (status, body, _) = refusal(name);
        for (status, body) in [(200, good(name)), (status, body), (502, "<html>".to_owned())] {
            let (checkup, _) = check(name, Reply::Dated(status, body, date.clone())).await;

            assert_eq!(
                checkup.date.map(|date| date.timestamp()),
                Some(theirs.timestamp()),
                "{name}"
            );
        }
    }
}

#[tokio::test]
async fn an_unreachable_or_unclear_vendor_is_reported_as_unknown() {
    for name in checkable() {
        for reply in
            [Reply::Now(500, String::new()), Reply::Now(200, "<html>".to_owned()), Reply::CutOff]
        {
            let (checkup, _) = check(name, reply).await;

            assert_eq!(checkup.answer.class, AnswerClass::Unknown, "{name}");
        }
    }
}

#[tokio::test]
async fn an_account_of_twilio_may_be_suspended_or_closed() {
    for (status, class) in [("suspended", AnswerClass::Balance), ("closed", AnswerClass::Config)] {
        let body = json!({ "sid": "AC11", "status": status }).to_string();

        let (checkup, _) = check("twilio", Reply::Now(200, body)).await;

        assert_eq!((checkup.answer.class, checkup.answer.detail.as_str()), (class, status));
    }
}

#[tokio::test]
async fn a_check_sends_no_message() {
    for (name, method, path, action) in [
        ("yuntongxun", "GET", "/2013-12-26/Accounts/8a11/AccountInfo", None),
        ("tencent", "POST", "/", Some(("x-tc-action", "SendStatusStatistics"))),
        ("aliyun", "POST", "/", Some(("x-acs-action", "GetSmsTemplate"))),
        ("aliyun_pnvs", "POST", "/", Some(("x-acs-action", "QuerySendDetails"))),
        ("volcengine", "GET", "/", None),
        ("vonage", "GET", "/account/get-balance", None),
        ("sns", "POST", "/", None),
        ("twilio", "GET", "/2010-04-01/Accounts/AC11.json", None),
    ] {
        let (_, seen) = check(name, Reply::Now(200, good(name))).await;

        assert_eq!((seen.method.as_str(), seen.path.as_str()), (method, path), "{name}");
        if let Some((header, action)) = action {
            assert_eq!(seen.headers[header], action, "{name}");
        }
        assert!(seen.headers.contains_key("authorization"), "{name}");
        let action = match name {
            "volcengine" => Some((&seen.query, "Action=GetSubAccountList&")),
            "sns" => Some((&seen.body, "Action=GetSMSSandboxAccountStatus&")),
            _ => None,
        };
        assert!(action.is_none_or(|(text, action)| text.starts_with(action)), "{seen:?}");
    }
}

#[tokio::test]
async fn huawei_has_no_way_to_check() {
    let fake = FakeVendor::start(Reply::Now(200, String::new()));

    assert!(vendor("huawei", &fake.url).check().await.is_none());
    assert!(fake.stop().await.is_empty());
}

#[tokio::test]
async fn an_account_of_sns_in_the_sandbox_and_one_of_vonage_without_money_are_reported() {
    for (name, body, class) in [
        ("sns", "<R><IsInSandbox>true</IsInSandbox></R>", AnswerClass::Config),
        ("vonage", r#"{"value":0.0}"#, AnswerClass::Balance),
    ] {
        let (checkup, _) = check(name, Reply::Now(200, body.to_owned())).await;

        assert_eq!(checkup.answer.class, class, "{name}");
    }
}
