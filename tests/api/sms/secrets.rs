//! No secret is logged, at any level, by any library.

use std::{collections::BTreeSet, sync::Mutex};

use reqwest::StatusCode;
use test_support::{
    app::{self, fresh_mobile},
    fake_vendor::Reply,
    logs::{self, contains_secret},
    sms_gateway::{self, Answer},
    vendor_accounts::{ACCOUNTS, VENDORS},
};

use super::sms_app::{Endpoint, SmsApp, Vendor, accepts, answers_code, answers_raw, on_each};

/// Returns every way in which a send can end at a vendor.
fn answers(name: &'static str) -> Vec<Vendor> {
    let refused = match name {
        "yuntongxun" => answers_code(name, 200, "111109"),
        "tencent" => answers_code(name, 200, "AuthFailure.SignatureFailure"),
        "aliyun" | "aliyun_pnvs" => answers_code(name, 400, "SignatureDoesNotMatch"),
        "huawei" => answers_code(name, 401, "E000104"),
        "volcengine" => answers_code(name, 401, "SignatureDoesNotMatch"),
        "vonage" => answers_code(name, 200, "4"),
        "sns" => answers_code(name, 403, "SignatureDoesNotMatch"),
        _ => answers_code(name, 401, "20003"),
    };
    vec![
        accepts(name),
        refused,
        // Vendors quote requests in their errors.
        answers_raw(name, 400, "no such thing: 13900000000 042137"),
        answers_raw(name, 500, ""),
        (name, Endpoint::Answers(Reply::CutOff)),
    ]
}

/// Returns what the log must not contain: the codes, numbers and credentials that were sent.
fn sent_secrets(sms_app: &SmsApp, name: &str) -> BTreeSet<String> {
    let seen = sms_app.seen(name).into_iter().flat_map(|request| {
        let signature = request.query.strip_prefix("sig=").map(str::to_owned);
        signature.into_iter().chain(request.headers.get("authorization").cloned())
    });
    let messages = sms_app.messages(name).into_iter().flat_map(|(to, code)| [to, code]);
    seen.chain(messages).collect()
}

/// Sends through one provider with this end, and collects what the log must not contain.
async fn send(name: &'static str, servers: &[Vendor], hidden: &Mutex<BTreeSet<String>>) {
    on_each(servers.get(..1).expect("an end"), &[], async |sms_app| {
        for end in servers {
            let has_double = matches!(end.1, Endpoint::Answers(_));
            if has_double {
                sms_app.set_reply(end.clone());
            }
            let mobile = fresh_mobile();
            let asked = sms_app.request_code(&mobile).await;
            assert_ne!(asked.status, StatusCode::INTERNAL_SERVER_ERROR, "{asked:?}");
            let mut hidden = hidden.lock().expect("a set");
            hidden.insert(mobile);
            if has_double {
                hidden.extend(sent_secrets(sms_app, name));
            }
        }
    })
    .await;
}

/// Does the same through the operator's own gateway.
async fn send_through_webhook(hidden: &Mutex<BTreeSet<String>>) {
    app::on_each(async |app| {
        for answer in [Answer::Accept, Answer::Status(500), Answer::Status(401)] {
            let mobile = fresh_mobile();
            app.gateway.answer(answer);
            app.client().request_code(&mobile).await;
            let code = app.gateway.code_for(&mobile);
            hidden.lock().expect("a set").extend([mobile, code]);
        }
    })
    .await;
}

#[tokio::test]
async fn no_log_line_holds_a_code_a_number_or_a_secret() {
    let secrets = ACCOUNTS.iter().filter(|(name, _)| {
        ["_TOKEN", "_SECRET", "_SECRET_KEY", "_SECRET_ACCESS_KEY"]
            .iter()
            .any(|other| name.ends_with(other))
    });
    let mut hidden: BTreeSet<String> = secrets.map(|setting| setting.1.to_owned()).collect();
    assert_eq!(hidden.len(), VENDORS.len());
    hidden.insert(sms_gateway::SECRET.to_owned());
    hidden.insert(app::KEY.to_owned());

    let turn = logs::capture().await;
    let hidden = Mutex::new(hidden);
    for name in VENDORS {
        send(name, &answers(name), &hidden).await;
        send(name, &[(name, Endpoint::HangUp)], &hidden).await;
        send(name, &[(name, Endpoint::Unreachable)], &hidden).await;
    }
    send_through_webhook(&hidden).await;
    let (lines, hidden) = (logs::captured(turn), hidden.into_inner().expect("a set"));

    assert!(lines.iter().any(|line| line.contains("event=sms provider=aliyun")), "it captures");
    for line in lines {
        let leaked: Vec<_> =
            hidden.iter().filter(|secret| contains_secret(&line, secret)).collect();
        assert!(leaked.is_empty(), "{leaked:?} in {line}");
    }
}

#[test]
fn the_check_for_codes_finds_them_in_paths_and_not_in_ids() {
    assert!(contains_secret(
        "error for url (http://x/?TemplateParam=%7B%22code%22%3A%22042137%22%7D)",
        "042137"
    ));
    assert!(contains_secret("code=042137", "042137"));
    assert!(!contains_secret("token=Token(139042137221952)", "042137"));
    assert!(!contains_secret("message=3f2b042137e", "042137"));
    assert!(contains_secret("x13800138000x", "13800138000"));
}
