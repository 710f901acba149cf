//! Reads Aliyun's responses. The codes are those of the vendor's documentation.

use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use crate::sms::{AnswerClass, ClassifiedAnswer, json, vendor};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    code: String,
    #[serde(default, deserialize_with = "json::text")]
    biz_id: Option<String>,
    /// `SendSmsVerifyCode` puts the id here. It may be anything else after an error.
    model: Option<Value>,
}

impl Answer {
    fn message_id(self) -> Option<String> {
        let in_model = || Some(self.model?.get("BizId")?.as_str()?.to_owned());
        self.biz_id.or_else(in_model).and_then(|id| vendor::safe_token(&id))
    }
}

/// Reads the code whatever the status: business errors come with 200, errors of the gateway do not.
pub(super) fn classify(provider: &str, status: StatusCode, body: &[u8]) -> ClassifiedAnswer {
    let Ok(answer) = serde_json::from_slice::<Answer>(body) else {
        return vendor::classify_status(status);
    };
    let is_refusal = status.is_client_error() || answer.code.starts_with("isv.");
    let otherwise = if is_refusal { AnswerClass::Busy } else { AnswerClass::Unknown };
    let classified =
        vendor::classify_code(provider, status, &answer.code, class_of(&answer.code), otherwise);
    ClassifiedAnswer { message_id: answer.message_id(), ..classified }
}

fn class_of(code: &str) -> Option<AnswerClass> {
    let class = match code {
        "OK" => AnswerClass::Sent,
        "isv.BUSINESS_LIMIT_CONTROL" => AnswerClass::TooFrequent,
        "isv.MOBILE_NUMBER_ILLEGAL"
        | "isv.DOMESTIC_NUMBER_NOT_SUPPORTED"
        | "isv.CUSTOMER_REFUSED" => AnswerClass::BadNumber,
        "isv.AMOUNT_NOT_ENOUGH" | "isv.OUT_OF_SERVICE" => AnswerClass::Balance,
        // Two of them are limits that the operator has set there. BLACK_KEY is a forbidden word, not a number.
        "SignatureDoesNotMatch"
        | "SignatureNonceUsed"
        | "IncompleteSignature"
        | "InvalidAction.NotFound"
        | "isp.RAM_PERMISSION_DENY"
        | "Forbidden.RAM"
        | "isv.DENY_IP_RANGE"
        | "isv.ACCOUNT_NOT_EXISTS"
        | "isv.ACCOUNT_ABNORMAL"
        | "isv.SECURITY_FROZEN_ACCOUNT"
        | "isv.PRODUCT_UN_SUBSCRIPT"
        | "isv.PRODUCT_UNSUBSCRIBE"
        | "isv.SMS_SIGNATURE_ILLEGAL"
        | "isv.SMS_SIGN_ILLEGAL"
        | "isv.SIGN_STATE_ILLEGAL"
        | "isv.SMS_SIGNATURE_SCENE_ILLEGAL"
        | "isv.SMS_TEMPLATE_ILLEGAL"
        | "isv.TEMPLATE_MISSING_PARAMETERS"
        | "isv.TEMPLATE_PARAMS_ILLEGAL"
        | "isv.INVALID_JSON_PARAM"
        | "isv.INVALID_PARAMETERS"
        | "isv.PARAM_LENGTH_LIMIT"
        | "isv.PARAM_NOT_SUPPORT_URL"
        | "isv.BLACK_KEY_CONTROL_LIMIT"
        | "isv.SMS_CONTENT_ILLEGAL"
        | "isv.MOBILE_COUNT_OVER_LIMIT"
        | "isv.EXTEND_CODE_ERROR"
        | "isv.SMS_TEST_NUMBER_LIMIT"
        | "isv.SMS_TEST_SIGN_TEMPLATE_LIMIT"
        | "isv.DAY_LIMIT_CONTROL"
        | "isv.MONTH_LIMIT_CONTROL" => AnswerClass::Config,
        "isp.SYSTEM_ERROR" | "isp.GATEWAY_ERROR" | "ServiceUnavailable" => AnswerClass::Busy,
        "InternalError" => AnswerClass::Unknown,
        _ if code.starts_with("Throttling") => AnswerClass::Busy,
        _ if ["InvalidAccessKeyId.", "InvalidTimeStamp.", "Missing"]
            .iter()
            .any(|prefix| code.starts_with(prefix)) =>
        {
            AnswerClass::Config
        }
        _ => return class_of_pnvs(code),
    };
    Some(class)
}

/// The codes that only PNVS 短信认证 has. Some come with the prefix `isv.` and without it.
fn class_of_pnvs(code: &str) -> Option<AnswerClass> {
    Some(match code.strip_prefix("isv.").unwrap_or(code) {
        "biz.FREQUENCY" | "FREQUENCY_FAIL" | "BUSINESS_LIMIT_CONTROL" => AnswerClass::TooFrequent,
        "MOBILE_NUMBER_ILLEGAL" => AnswerClass::BadNumber,
        "AMOUNT_NOT_ENOUGH" => AnswerClass::Balance,
        "FUNCTION_NOT_OPENED"
        | "INVALID_PARAMETERS"
        | "ILLEGAL_ARGUMENT"
        | "RAM_PERMISSION_DENY"
        | "VERIFY_SCHEME_NOT_EXIST" => AnswerClass::Config,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, body: &str) -> (AnswerClass, String) {
        let classified = classify("aliyun", StatusCode::from_u16(status).unwrap(), body.as_bytes());
        (classified.class, classified.detail)
    }

    #[test]
    fn success_carries_the_id_of_the_message() {
        let body = r#"{"Message":"OK","RequestId":"r","BizId":"100000000000000001^0","Code":"OK"}"#;

        let classified = classify("aliyun", StatusCode::OK, body.as_bytes());

        assert_eq!(classified.class, AnswerClass::Sent);
        assert_eq!(classified.message_id.unwrap(), "100000000000000001^0");
    }

    #[test]
    fn only_the_code_decides_the_outcome_whatever_the_id() {
        for (id, word) in
            [("900619746936498440", Some("900619746936498440")), ("null", None), ("{}", None)]
        {
            let body = format!(r#"{{"Code":"OK","BizId":{id}}}"#);
            let classified = classify("aliyun", StatusCode::OK, body.as_bytes());
            assert_eq!(
                (classified.class, classified.message_id.as_deref()),
                (AnswerClass::Sent, word),
                "{body}"
            );
        }
    }

    #[test]
    fn codes_decide_the_outcome_and_messages_do_not() {
        for (status, code, class) in [
            (200, "isv.BUSINESS_LIMIT_CONTROL", AnswerClass::TooFrequent),
            (200, "isv.MOBILE_NUMBER_ILLEGAL", AnswerClass::BadNumber),
            (200, "isv.BLACK_KEY_CONTROL_LIMIT", AnswerClass::Config),
            (200, "isv.DAY_LIMIT_CONTROL", AnswerClass::Config),
            (200, "isv.AMOUNT_NOT_ENOUGH", AnswerClass::Balance),
            (200, "isv.NEW", AnswerClass::Busy),
            (200, "isp.NEW", AnswerClass::Unknown),
            (200, "New", AnswerClass::Unknown),
            (400, "New", AnswerClass::Busy),
            (400, "SignatureDoesNotMatch", AnswerClass::Config),
            (400, "MissingSignName", AnswerClass::Config),
            (404, "InvalidAccessKeyId.NotFound", AnswerClass::Config),
            (400, "Throttling.User", AnswerClass::Busy),
            (500, "InternalError", AnswerClass::Unknown),
            (500, "New", AnswerClass::Unknown),
            (503, "ServiceUnavailable", AnswerClass::Busy),
        ] {
            let body = format!(r#"{{"Code":"{code}","Message":"OK","RequestId":"r"}}"#);
            assert_eq!(judged(status, &body), (class, code.to_owned()));
        }
    }

    #[test]
    fn an_answer_without_a_code_is_classified_by_its_status() {
        for body in ["", "{", "{}", r#"{"Code":"O"#, "<Code>OK</Code>"] {
            assert_eq!(judged(200, body).0, AnswerClass::Unknown, "{body}");
            assert_eq!(judged(500, body).0, AnswerClass::Unknown, "{body}");
            assert_eq!(judged(429, body).0, AnswerClass::Busy, "{body}");
            assert_eq!(judged(403, body).0, AnswerClass::Config, "{body}");
        }
    }
}
