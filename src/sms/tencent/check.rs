//! Checks whether Tencent accepts our credentials. `SendStatusStatistics` only reads numbers.
//!
//! `PullSmsSendStatus` would consume what it returns, and the lists of templates and sign names are closed to personal
//! accounts.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::StatusCode;
use serde::{Deserialize, Serialize};

use super::{Settings, answers, signed};
use crate::sms::{AnswerClass, ClassifiedAnswer, vendor, vendor::SignedRequest};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body<'a> {
    begin_time: String,
    end_time: String,
    sms_sdk_app_id: &'a str,
    limit: u32,
    offset: u32,
}

/// Builds the request that asks how many messages the app has sent within these two hours.
pub(super) fn request(settings: &Settings, now: DateTime<Utc>) -> SignedRequest {
    let hour = |time: DateTime<Utc>| time.format("%Y%m%d%H").to_string();
    let body = Body {
        begin_time: hour(now - TimeDelta::hours(1)),
        end_time: hour(now),
        sms_sdk_app_id: &settings.sdk_app_id,
        limit: 0,
        offset: 0,
    };
    // Strings and numbers always serialise.
    signed(settings, "SendStatusStatistics", serde_json::to_string(&body).unwrap_or_default(), now)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    response: Response,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Response {
    error: Option<serde_json::Value>,
    request_id: Option<String>,
}

/// The vendor checks the signature before the permission, so a refusal of this action alone still means that the
/// credentials are right. The key may be for sending only.
pub(super) fn classify(status: StatusCode, body: &[u8]) -> ClassifiedAnswer {
    let Ok(Answer { response }) = serde_json::from_slice(body) else {
        return vendor::classify_status(status);
    };
    if response.error.is_none() && response.request_id.is_some() && status.is_success() {
        return ClassifiedAnswer::new(AnswerClass::Sent, "");
    }
    let classified = answers::classify(status, body);
    let is_sent =
        classified.class == AnswerClass::Config && !concerns_credentials(&classified.detail);
    ClassifiedAnswer {
        class: if is_sent { AnswerClass::Sent } else { classified.class },
        ..classified
    }
}

/// Returns whether sending a message would fail with this code too.
fn concerns_credentials(code: &str) -> bool {
    match code {
        "AuthFailure.UnauthorizedOperation" | "UnauthorizedOperation.RequestPermissionDeny" => {
            false
        }
        "InvalidParameterValue.SdkAppIdNotExist"
        | "InternalError.RequestTimeException"
        | "InternalError.SigVerificationFail" => true,
        // A code without a dot is the bare `UnauthorizedOperation`, which concerns the permission alone.
        _ => code.starts_with("AuthFailure") || code.starts_with("UnauthorizedOperation."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_for_sending_only_is_accepted_and_a_wrong_one_is_not() {
        for (code, class) in [
            ("AuthFailure.SignatureFailure", AnswerClass::Config),
            ("AuthFailure.SecretIdNotFound", AnswerClass::Config),
            ("AuthFailure.SignatureExpire", AnswerClass::Config),
            ("UnauthorizedOperation.SmsSdkAppIdVerifyFail", AnswerClass::Config),
            ("InvalidParameterValue.SdkAppIdNotExist", AnswerClass::Config),
            ("UnauthorizedOperation.ServiceSuspendDueToArrears", AnswerClass::Balance),
            ("AuthFailure.UnauthorizedOperation", AnswerClass::Sent),
            ("UnauthorizedOperation", AnswerClass::Sent),
            ("UnauthorizedOperation.RequestPermissionDeny", AnswerClass::Sent),
            ("InvalidParameterValue.EndTimeVerifyFail", AnswerClass::Sent),
            ("RequestLimitExceeded", AnswerClass::Busy),
        ] {
            let body = format!(r#"{{"Response":{{"Error":{{"Code":"{code}"}},"RequestId":"r"}}}}"#);
            let classified = classify(StatusCode::OK, body.as_bytes());
            assert_eq!((classified.class, classified.detail.as_str()), (class, code));
        }
    }

    #[test]
    fn an_answer_in_another_format_is_not_accepted() {
        for body in ["", "{}", r#"{"Response":{}}"#, "<html>"] {
            assert_eq!(
                classify(StatusCode::OK, body.as_bytes()).class,
                AnswerClass::Unknown,
                "{body}"
            );
        }
    }
}
