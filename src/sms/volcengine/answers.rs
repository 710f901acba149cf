//! Reads Volcengine's responses. The codes are those of the vendor's documentation.

use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::NAME;
use crate::sms::{AnswerClass, ClassifiedAnswer, vendor};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    response_metadata: Metadata,
    result: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    error: Option<Error>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Error {
    code: String,
}

/// An error has a code, whatever the status. Success has a result with the id of the message.
pub(super) fn classify(status: StatusCode, body: &[u8]) -> ClassifiedAnswer {
    let Ok(Answer { response_metadata: Metadata { error }, result }) = serde_json::from_slice(body)
    else {
        return vendor::classify_status(status);
    };
    if let Some(Error { code }) = error {
        let is_refusal = status.is_client_error() || code.starts_with("RE:");
        let otherwise = if is_refusal { AnswerClass::Busy } else { AnswerClass::Unknown };
        return vendor::classify_code(NAME, status, &code, class_of(&code), otherwise);
    }
    let id = result.as_ref().and_then(|result| result.get("MessageID")?.get(0)?.as_str());
    match id.and_then(vendor::safe_token) {
        Some(id) if status.is_success() => ClassifiedAnswer {
            message_id: Some(id),
            ..ClassifiedAnswer::new(AnswerClass::Sent, "OK")
        },
        Some(_) | None => vendor::classify_status(status),
    }
}

fn class_of(code: &str) -> Option<AnswerClass> {
    Some(match code {
        "RE:0006" => AnswerClass::BadNumber,
        "RE:0010" => AnswerClass::Balance,
        // 0: the signature. 1, 2: the product. 3: the message group. 4, 5: sign name, template. 7: our address.
        // 9: a parameter. 11, 12: a country or kind that is not enabled. 13: a limit of the operator's own.
        // Those in words are the gateway's.
        "RE:0000"
        | "RE:0001"
        | "RE:0002"
        | "RE:0003"
        | "RE:0004"
        | "RE:0005"
        | "RE:0007"
        | "RE:0009"
        | "RE:0011"
        | "RE:0012"
        | "RE:0013"
        | "SignatureDoesNotMatch"
        | "InvalidAccessKey"
        | "InvalidCredential"
        | "InvalidTimestamp"
        | "InvalidAuthorization"
        | "InvalidActionOrVersion"
        | "InvalidSecretToken"
        | "LackPolicy"
        | "AccessDenied"
        | "MissingParameter"
        | "MissingAuthenticationToken"
        | "MissingSignature"
        | "MissingRequestInfo" => AnswerClass::Config,
        "FlowLimitExceeded" | "RequestLimitExceeded" | "ServiceUnavailableTemp" => {
            AnswerClass::Busy
        }
        "RE:0500" | "InternalError" | "InternalServiceError" | "InternalServiceTimeout" => {
            AnswerClass::Unknown
        }
        _ => return None,
    })
}

/// A key that may only send is accepted: the gateway checks the signature before the rights.
pub(super) fn classify_check(status: StatusCode, body: &[u8]) -> ClassifiedAnswer {
    let answer: Option<Answer> = serde_json::from_slice(body).ok();
    if status.is_success() && answer.is_some_and(|answer| answer.response_metadata.error.is_none())
    {
        return ClassifiedAnswer::new(AnswerClass::Sent, "");
    }
    let classified = classify(status, body);
    if ["AccessDenied", "LackPolicy"].contains(&classified.detail.as_str()) {
        return ClassifiedAnswer { class: AnswerClass::Sent, ..classified };
    }
    classified
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, body: &str) -> (AnswerClass, String) {
        let classified = classify(StatusCode::from_u16(status).unwrap(), body.as_bytes());
        (classified.class, classified.detail)
    }

    #[test]
    fn success_has_the_id_of_the_message() {
        let body = r#"{"ResponseMetadata":{"RequestId":"r","Action":"SendSms","Version":"2020-01-01",
            "Service":"volcSMS","Region":"cn-north-1"},"Result":{"MessageID":["bde1b10d-19cf"]}}"#;

        let classified = classify(StatusCode::OK, body.as_bytes());

        assert_eq!(classified.class, AnswerClass::Sent);
        assert_eq!(classified.message_id.as_deref(), Some("bde1b10d-19cf"));
        let empty = r#"{"ResponseMetadata":{},"Result":{"MessageID":[]}}"#;
        assert_eq!(judged(200, empty).0, AnswerClass::Unknown);
    }

    #[test]
    fn every_code_has_an_outcome() {
        for (status, code, class) in [
            (200, "RE:0006", AnswerClass::BadNumber),
            (200, "RE:0010", AnswerClass::Balance),
            (400, "RE:0004", AnswerClass::Config),
            (200, "RE:0500", AnswerClass::Unknown),
            (200, "RE:9999", AnswerClass::Busy),
            (200, "New", AnswerClass::Unknown),
            (401, "SignatureDoesNotMatch", AnswerClass::Config),
            (429, "FlowLimitExceeded", AnswerClass::Busy),
            (500, "InternalServiceError", AnswerClass::Unknown),
        ] {
            let body = format!(r#"{{"ResponseMetadata":{{"Error":{{"Code":"{code}"}}}}}}"#);
            assert_eq!(judged(status, &body), (class, code.to_owned()));
        }
    }

    #[test]
    fn a_key_for_sending_only_is_accepted_and_a_wrong_one_is_not() {
        for (code, class) in
            [("AccessDenied", AnswerClass::Sent), ("SignatureDoesNotMatch", AnswerClass::Config)]
        {
            let body = format!(r#"{{"ResponseMetadata":{{"Error":{{"Code":"{code}"}}}}}}"#);
            assert_eq!(classify_check(StatusCode::FORBIDDEN, body.as_bytes()).class, class);
        }
    }
}
