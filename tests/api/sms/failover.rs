//! The order in which providers are tried, and what the user and the SMS log get.

use std::slice;

use reqwest::StatusCode;
use serde_json::json;
use test_support::{
    app::fresh_mobile,
    fake_vendor::Reply,
    vendor_accounts::{VENDORS, success},
};

use super::sms_app::{Endpoint, Vendor, accepts, answers_code, answers_raw, on_each};

/// Returns Tencent's answer to a request that it refuses as a whole.
fn refused_as_a_whole(code: &str) -> Vendor {
    let error = json!({ "Code": code, "Message": "x" });
    answers_raw(
        "tencent",
        200,
        &json!({ "Response": { "Error": error, "RequestId": "r" } }).to_string(),
    )
}

#[tokio::test]
async fn a_certain_refusal_moves_on_and_the_person_gets_one_code() {
    for (first, line) in [
        (
            refused_as_a_whole("AuthFailure.SignatureFailure"),
            "tencent config AuthFailure.SignatureFailure -",
        ),
        (
            answers_code("tencent", 200, "FailedOperation.InsufficientBalanceInSmsPackage"),
            "tencent balance FailedOperation.InsufficientBalanceInSmsPackage id-1",
        ),
        (answers_code("yuntongxun", 200, "111142"), "yuntongxun balance 111142 id-1"),
        (answers_code("yuntongxun", 200, "111111"), "yuntongxun busy 111111 id-1"),
        (answers_raw("tencent", 429, ""), "tencent busy 429 -"),
        (("yuntongxun", Endpoint::Unreachable), "yuntongxun busy cannot connect -"),
    ] {
        let reachable = usize::from(!matches!(first.1, Endpoint::Unreachable));
        on_each(&[first, accepts("aliyun")], &[], async |sms_app| {
            let mobile = fresh_mobile();

            sms_app.send(&mobile).await;

            assert_eq!(sms_app.request_counts(), [reachable, 1], "{line}");
            let (outcome, attempts) = sms_app.newest_message(&mobile).await;
            assert_eq!(outcome, "sent");
            assert_eq!(attempts, [line, "aliyun sent OK id-1"]);
            let registered = sms_app.register(&mobile, &sms_app.code("aliyun")).await;
            assert_eq!(registered.status, StatusCode::CREATED, "{registered:?}");
        })
        .await;
    }
}

/// Every provider is given our code, also those that could make one of their own.
#[tokio::test]
async fn another_vendor_sends_the_same_code_whichever_it_is() {
    for name in VENDORS {
        let first = if name == "yuntongxun" { "tencent" } else { "yuntongxun" };
        on_each(&[answers_raw(first, 500, ""), accepts(name)], &[], async |sms_app| {
            let mobile = fresh_mobile();

            sms_app.send(&mobile).await;

            assert_eq!(sms_app.messages(first), sms_app.messages(name), "{name}");
            assert_eq!(sms_app.messages(name), [(mobile.clone(), sms_app.code(first))], "{name}");
            let (outcome, attempts) = sms_app.newest_message(&mobile).await;
            assert_eq!(outcome, "sent", "{name}");
            let second = format!("{name} sent {} id-1", success(name).1);
            assert_eq!(attempts, [format!("{first} unknown 500 -"), second]);
            let registered = sms_app.register(&mobile, &sms_app.code(name)).await;
            assert_eq!(registered.status, StatusCode::CREATED, "{name}: {registered:?}");
        })
        .await;
    }
}

#[tokio::test]
async fn after_an_unknown_outcome_the_next_vendor_sends_the_same_code_and_no_third_is_asked() {
    let half = Endpoint::Answers(Reply::CutOff);
    for (first, detail) in [
        (Endpoint::HangUp, "connection lost"),
        (Endpoint::Answers(Reply::Now(500, String::new())), "500"),
        (half, "connection lost"),
    ] {
        let vendors = [("yuntongxun", first), accepts("tencent"), accepts("aliyun")];
        on_each(&vendors, &[], async |sms_app| {
            let mobile = fresh_mobile();

            sms_app.send(&mobile).await;

            assert_eq!(sms_app.request_counts(), [1, 1, 0], "{detail}");
            if detail != "connection lost" {
                assert_eq!(sms_app.messages("yuntongxun"), sms_app.messages("tencent"));
            }
            let (outcome, attempts) = sms_app.newest_message(&mobile).await;
            assert_eq!(outcome, "sent");
            let first = format!("yuntongxun unknown {detail} -");
            assert_eq!(attempts, [first.as_str(), "tencent sent Ok id-1"]);
            let registered = sms_app.register(&mobile, &sms_app.code("tencent")).await;
            assert_eq!(registered.status, StatusCode::CREATED, "{registered:?}");
        })
        .await;
    }
}

#[tokio::test]
async fn after_two_unknown_outcomes_the_code_that_may_be_under_way_stays_good() {
    let vendors =
        [answers_raw("yuntongxun", 502, ""), answers_raw("tencent", 200, "{"), accepts("aliyun")];
    on_each(&vendors, &[], async |sms_app| {
        let mobile = fresh_mobile();

        sms_app.send(&mobile).await;

        assert_eq!(sms_app.request_counts(), [1, 1, 0]);
        assert_eq!(sms_app.messages("yuntongxun"), sms_app.messages("tencent"));
        let (outcome, attempts) = sms_app.newest_message(&mobile).await;
        assert_eq!(outcome, "unknown");
        assert_eq!(attempts, ["yuntongxun unknown 502 -", "tencent unknown 200 -"]);
        let again = sms_app.request_code(&mobile).await;
        assert_eq!(again.status, StatusCode::TOO_MANY_REQUESTS, "{again:?}");
        let registered = sms_app.register(&mobile, &sms_app.code("tencent")).await;
        assert_eq!(registered.status, StatusCode::CREATED, "{registered:?}");
    })
    .await;
}

#[tokio::test]
async fn the_limit_of_a_number_is_not_evaded_at_another_vendor() {
    for (first, code) in [
        (answers_code("yuntongxun", 200, "160038"), "160038"),
        (
            answers_code("tencent", 200, "LimitExceeded.PhoneNumberThirtySecondLimit"),
            "LimitExceeded.PhoneNumberThirtySecondLimit",
        ),
    ] {
        let name = first.0;
        on_each(&[first, accepts("aliyun")], &[], async |sms_app| {
            let mobile = fresh_mobile();

            let refused = sms_app.request_code(&mobile).await;

            assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
            assert_eq!(refused.errno(), "4201");
            let wait: u64 = refused.header("retry-after").parse().expect("seconds");
            assert!((1..=60).contains(&wait), "{wait}");
            assert_eq!(sms_app.request_counts(), [1, 0]);
            let (outcome, attempts) = sms_app.newest_message(&mobile).await;
            assert_eq!(outcome, "too_frequent");
            assert_eq!(attempts, [format!("{name} too_frequent {code} id-1")]);
            let registered = sms_app.register(&mobile, &sms_app.code(name)).await;
            assert_eq!(registered.status, StatusCode::UNPROCESSABLE_ENTITY, "nothing was sent");
        })
        .await;
    }
}

#[tokio::test]
async fn a_number_that_cannot_receive_is_reported_and_no_other_vendor_is_asked() {
    let vendors =
        [answers_code("tencent", 200, "FailedOperation.PhoneNumberInBlacklist"), accepts("aliyun")];
    on_each(&vendors, &[], async |sms_app| {
        let mobile = fresh_mobile();

        let refused = sms_app.request_code(&mobile).await;
        let again = sms_app.request_code(&mobile).await;

        for response in [refused, again] {
            assert_eq!(response.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert_eq!(response.errno(), "4301");
            assert!(!response.body.contains("Blacklist"), "{response:?}");
        }
        assert_eq!(sms_app.request_counts(), [2, 0]);
        assert_eq!(sms_app.newest_message(&mobile).await.0, "bad_number");
    })
    .await;
}

#[tokio::test]
async fn when_all_vendors_refuse_the_permit_is_returned_and_the_code_revoked() {
    let vendors =
        [answers_code("yuntongxun", 200, "160000"), answers_code("aliyun", 400, "Throttling.User")];
    on_each(&vendors, &[], async |sms_app| {
        let mobile = fresh_mobile();

        let refused = sms_app.request_code(&mobile).await;

        assert_eq!((refused.status, refused.errno().as_str()), (StatusCode::BAD_GATEWAY, "4301"));
        assert_eq!(sms_app.request_counts(), [1, 1]);
        let (outcome, attempts) = sms_app.newest_message(&mobile).await;
        assert_eq!(outcome, "refused");
        assert_eq!(attempts, ["yuntongxun busy 160000 id-1", "aliyun busy Throttling.User id-1"]);
        let registered = sms_app.register(&mobile, &sms_app.code("aliyun")).await;
        assert_eq!(registered.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(registered.errno(), "4002", "the code died unseen");

        sms_app.set_reply(accepts("aliyun"));
        sms_app.send(&mobile).await;
        let registered = sms_app.register(&mobile, &sms_app.code("aliyun")).await;
        assert_eq!(registered.status, StatusCode::CREATED, "{registered:?}");
    })
    .await;
}

#[tokio::test]
async fn no_row_of_the_sms_log_holds_a_code() {
    let vendors = [answers_raw("yuntongxun", 500, ""), accepts("twilio")];
    on_each(&vendors, &[], async |sms_app| {
        let mobile = fresh_mobile();

        sms_app.send(&mobile).await;

        let code = sms_app.code("twilio");
        let timeline = sms_app.timeline(&mobile).await;
        let (message, attempts) = timeline.first().expect("a message");
        let texts = [&message.id, &message.purpose, &message.address, &message.outcome];
        let of_attempts = attempts.iter().flat_map(|attempt| {
            let may_be =
                [&attempt.provider_message_id, &attempt.provider_error, &attempt.receipt_error];
            [&attempt.provider, &attempt.outcome].into_iter().chain(may_be.into_iter().flatten())
        });
        for text in texts.into_iter().chain(of_attempts) {
            assert!(!text.contains(&code), "{text}");
        }
        assert_eq!(attempts.len(), 2);
        assert_eq!(slice::from_ref(&code), [sms_app.code("yuntongxun")]);
    })
    .await;
}
