//! The commands `doctor` and `sms` with fake vendors.

use chrono::{TimeDelta, Utc};
use serde_json::json;
use tempfile::TempDir;
use test_support::{
    fake_vendor::{FakeVendor, Reply},
    vendor_accounts::{ACCOUNTS, answer},
};

use super::process::{Run, run, run_in};

const MOBILE: &str = "13800138000";

/// Runs a command with one vendor that replies like this; returns how many requests the vendor got.
async fn with(name: &str, reply: Reply, arguments: &[&str]) -> (Run, usize) {
    let folder = TempDir::new().expect("a folder");
    with_in(&folder, name, reply, arguments).await
}

async fn with_in(folder: &TempDir, name: &str, reply: Reply, arguments: &[&str]) -> (Run, usize) {
    let fake = FakeVendor::start(reply);
    let base_url = format!("SMS_{}_BASE_URL", name.to_uppercase());
    let own = [("SMS_PROVIDERS", name), (&base_url, &fake.url), ("RUST_LOG", "trace")];
    let settings: Vec<_> = ACCOUNTS.into_iter().chain(own).collect();
    let run = run_in(folder.path(), arguments, &settings).await;
    (run, fake.stop().await.len())
}

fn hides_secrets(run: &Run) {
    let secrets = ACCOUNTS.iter().filter(|(name, _)| {
        ["_TOKEN", "_SECRET", "_SECRET_KEY", "_SECRET_ACCESS_KEY"]
            .iter()
            .any(|other| name.ends_with(other))
    });
    for (_, secret) in secrets {
        assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret), "{run:?}");
    }
}

#[tokio::test]
async fn doctor_checks_the_credentials_and_the_clock_of_every_vendor() {
    let twenty_minutes_ago = Utc::now() - TimeDelta::minutes(20);
    let date = twenty_minutes_ago.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    for (name, good, refusal, code) in [
        (
            "yuntongxun",
            json!({ "statusCode": "000000" }),
            json!({ "statusCode": "111109" }),
            "111109",
        ),
        (
            "tencent",
            json!({ "Response": { "RequestId": "r" } }),
            json!({ "Response": { "Error": { "Code": "AuthFailure.SecretIdNotFound" } } }),
            "AuthFailure.SecretIdNotFound",
        ),
        (
            "aliyun",
            json!({ "Code": "OK" }),
            json!({ "Code": "SignatureDoesNotMatch" }),
            "SignatureDoesNotMatch",
        ),
        (
            "aliyun_pnvs",
            json!({ "Code": "OK", "Model": [] }),
            json!({ "Code": "InvalidAccessKeyId.NotFound" }),
            "InvalidAccessKeyId.NotFound",
        ),
        (
            "volcengine",
            json!({ "ResponseMetadata": {} }),
            json!({ "ResponseMetadata": { "Error": { "Code": "InvalidAccessKey" } } }),
            "InvalidAccessKey",
        ),
        ("vonage", json!({ "value": 10.28 }), json!({ "error-code": "401" }), "401"),
        ("twilio", json!({ "status": "active" }), json!({ "code": 20003 }), "20003"),
    ] {
        let (healthy, asked) = with(name, Reply::Now(200, good.to_string()), &["doctor"]).await;
        assert_eq!((healthy.code, asked), (Some(0), 1), "{healthy:?}");
        assert!(healthy.says(&format!("ok       {name}: takes our credentials\n")), "{healthy:?}");
        assert!(healthy.says(&format!("ok       {name}: our clocks agree")), "{healthy:?}");
        hides_secrets(&healthy);

        let (refused, _) = with(name, Reply::Now(401, refusal.to_string()), &["doctor"]).await;
        assert_eq!(refused.code, Some(1), "{refused:?}");
        let line = format!("WRONG    {name}: refuses our account or settings ({code})");
        assert!(refused.says(&line), "{refused:?}");
        hides_secrets(&refused);

        let late = Reply::Dated(200, good.to_string(), date.clone());
        let (late, _) = with(name, late, &["doctor"]).await;
        assert_eq!(late.code, Some(1), "{late:?}");
        assert!(late.says(&format!("WRONG    {name}: our clock is 1")), "{late:?}");
    }
}

#[tokio::test]
async fn doctor_reports_a_sandbox_of_sns_and_what_it_cannot_check() {
    let in_sandbox = |is: &str| Reply::Now(200, format!("<R><IsInSandbox>{is}</IsInSandbox></R>"));

    let (out, asked) = with("sns", in_sandbox("false"), &["doctor"]).await;
    assert_eq!((out.code, asked), (Some(0), 1), "{out:?}");
    assert!(out.says("ok       sns: takes our credentials\n"), "{out:?}");
    hides_secrets(&out);
    let (inside, _) = with("sns", in_sandbox("true"), &["doctor"]).await;
    assert_eq!(inside.code, Some(1), "{inside:?}");
    assert!(inside.says("WRONG    sns: refuses our account or settings (sandbox)"), "{inside:?}");

    let (unknown, asked) = with("huawei", in_sandbox("true"), &["doctor"]).await;
    assert_eq!((unknown.code, asked), (Some(0), 0), "{unknown:?}");
    assert!(unknown.says("unknown  huawei: can only be tried by"), "{unknown:?}");
    hides_secrets(&unknown);
}

#[tokio::test]
async fn a_vendor_key_for_sending_only_is_accepted() {
    let body = json!({ "Response": { "Error": { "Code": "AuthFailure.UnauthorizedOperation" } } });

    let (healthy, _) = with("tencent", Reply::Now(200, body.to_string()), &["doctor"]).await;

    assert_eq!(healthy.code, Some(0), "{healthy:?}");
    assert!(healthy.says("tencent: takes our credentials, which may not look"), "{healthy:?}");
}

#[tokio::test]
async fn a_test_message_is_sent_once_and_its_outcome_printed() {
    let arguments = ["sms", "send", "--to", MOBILE, "--provider", "aliyun"];

    let (sent, asked) = with("aliyun", Reply::Now(200, answer("aliyun", "OK")), &arguments).await;
    assert_eq!((sent.code, asked), (Some(0), 1), "{sent:?}");
    assert!(sent.says("aliyun: sent OK id=id-1"), "{sent:?}");
    hides_secrets(&sent);

    let refusal = answer("aliyun", "isv.AMOUNT_NOT_ENOUGH");
    let (refused, asked) = with("aliyun", Reply::Now(200, refusal), &arguments).await;
    assert_eq!((refused.code, asked), (Some(1), 1), "{refused:?}");
    assert!(refused.says("aliyun: balance isv.AMOUNT_NOT_ENOUGH"), "{refused:?}");
    assert!(refused.stderr.contains("it was not sent: refused"), "{refused:?}");
    hides_secrets(&refused);
}

#[tokio::test]
async fn a_test_message_needs_a_number_and_a_provider_that_is_set_up() {
    let reply = || Reply::Now(200, answer("aliyun", "OK"));
    for (to, provider, sentence) in [
        (MOBILE, "tencent", "SMS_PROVIDERS does not name `tencent`"),
        ("12345", "aliyun", "`12345` is not a mobile number"),
    ] {
        let arguments = ["sms", "send", "--to", to, "--provider", provider];
        let (refused, asked) = with("aliyun", reply(), &arguments).await;

        assert_eq!((refused.code, asked), (Some(1), 0), "{refused:?}");
        assert!(refused.stderr.contains(sentence), "{refused:?}");
    }
}

#[tokio::test]
async fn a_timeline_of_an_unknown_number_is_empty_and_of_an_invalid_one_refused() {
    let folder = TempDir::new().expect("a folder");

    let unknown = run_in(folder.path(), &["sms", "timeline", MOBILE], &[]).await;
    let refused = run(&["sms", "timeline", "hello"], &[]).await;

    assert_eq!(unknown.code, Some(0), "{unknown:?}");
    assert_eq!(unknown.stdout, "138****8000: 0 messages; no account\n");
    assert_eq!(refused.code, Some(1), "{refused:?}");
}
