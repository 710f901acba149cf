//! Reads Tencent's responses. The names of the codes are those of the vendor's SDK.

use reqwest::StatusCode;
use serde::Deserialize;

use super::NAME;
use crate::sms::{AnswerClass, ClassifiedAnswer, json, vendor};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    response: Response,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Response {
    error: Option<Fault>,
    send_status_set: Option<Vec<SendStatus>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Fault {
    code: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendStatus {
    #[serde(default, deserialize_with = "json::text")]
    serial_no: Option<String>,
    code: String,
}

/// A response without `Error` is not yet a success, because every number has its own code.
pub(super) fn classify(status: StatusCode, body: &[u8]) -> ClassifiedAnswer {
    let Ok(Answer { response }) = serde_json::from_slice(body) else {
        return vendor::classify_status(status);
    };
    if let Some(Fault { code }) = response.error {
        return classify_code(status, &code);
    }
    let mut sent = response.send_status_set.unwrap_or_default();
    // One number was asked for, so a second entry could only be a mistake.
    match (sent.pop(), sent.is_empty()) {
        (Some(one), true) => {
            let classified = classify_code(status, &one.code);
            ClassifiedAnswer {
                message_id: one.serial_no.and_then(|id| vendor::safe_token(&id)),
                ..classified
            }
        }
        _ => ClassifiedAnswer::new(AnswerClass::Unknown, "no status"),
    }
}

fn classify_code(status: StatusCode, code: &str) -> ClassifiedAnswer {
    vendor::classify_code(NAME, status, code, class_of(code), unlisted_class(code))
}

/// Returns the class of a code that is not listed: a certain refusal if all known codes of its family are refusals.
fn unlisted_class(code: &str) -> AnswerClass {
    match family(code) {
        "FailedOperation" | "LimitExceeded" | "UnsupportedOperation" | "ResourceInsufficient" => {
            AnswerClass::Busy
        }
        _ => AnswerClass::Unknown,
    }
}

fn family(code: &str) -> &str {
    code.split('.').next().unwrap_or_default()
}

fn class_of(code: &str) -> Option<AnswerClass> {
    let class = match code {
        "Ok" => AnswerClass::Sent,
        "LimitExceeded.PhoneNumberThirtySecondLimit"
        | "LimitExceeded.PhoneNumberOneHourLimit"
        | "LimitExceeded.PhoneNumberDailyLimit"
        | "LimitExceeded.PhoneNumberSameContentDailyLimit"
        | "LimitExceeded.DeliveryFrequencyLimit" => AnswerClass::TooFrequent,
        // The vendor spells it `Unsuported`.
        "InvalidParameterValue.IncorrectPhoneNumber"
        | "FailedOperation.PhoneNumberParseFail"
        | "FailedOperation.PhoneNumberInBlacklist"
        | "UnsupportedOperation.UnsuportedRegion"
        | "UnsupportedOperation.UnsupportedRegion"
        | "UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone"
        | "UnsupportedOperation.GlobalTemplateToChineseMainlandPhone"
        | "LimitExceeded.AppCountryOrRegionInBlacklist" => AnswerClass::BadNumber,
        "FailedOperation.InsufficientBalanceInSmsPackage"
        | "UnauthorizedOperation.ServiceSuspendDueToArrears" => AnswerClass::Balance,
        // Limits that the operator has set there, and a clock that is wrong.
        "LimitExceeded.AppDailyLimit"
        | "LimitExceeded.AppMainlandChinaDailyLimit"
        | "LimitExceeded.AppGlobalDailyLimit"
        | "LimitExceeded.AppCountryOrRegionDailyLimit"
        | "LimitExceeded.DailyLimit"
        | "FailedOperation.SignatureIncorrectOrUnapproved"
        | "FailedOperation.TemplateIncorrectOrUnapproved"
        | "FailedOperation.TemplateUnapprovedOrNotExist"
        | "FailedOperation.TemplateIdNotExist"
        | "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"
        | "FailedOperation.ContainSensitiveWord"
        | "FailedOperation.FailResolvePacket"
        | "FailedOperation.JsonParseFail"
        | "InternalError.RequestTimeException"
        | "InternalError.SigVerificationFail" => AnswerClass::Config,
        "LimitExceeded.GlobalSmsSendingRateLimit"
        | "InternalError"
        | "InternalError.OtherError"
        | "InternalError.UnknownError" => AnswerClass::Busy,
        "InternalError.Timeout"
        | "InternalError.SendAndRecvFail"
        | "InternalError.ParseBackendResponseFail"
        | "FailedOperation.OtherError" => AnswerClass::Unknown,
        _ => return class_of_family(code),
    };
    Some(class)
}

fn class_of_family(code: &str) -> Option<AnswerClass> {
    let lacks_approval = ["FailedOperation.MissingSignature", "FailedOperation.MissingTemplate"];
    match family(code) {
        "AuthFailure"
        | "UnauthorizedOperation"
        | "InvalidParameter"
        | "InvalidParameterValue"
        | "MissingParameter"
        | "UnknownParameter"
        | "InvalidAction"
        | "NoSuchVersion"
        | "UnsupportedRegion"
        | "UnsupportedProtocol" => Some(AnswerClass::Config),
        "RequestLimitExceeded" | "ResourceUnavailable" => Some(AnswerClass::Busy),
        _ if lacks_approval.iter().any(|prefix| code.starts_with(prefix)) => {
            Some(AnswerClass::Config)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, body: &str) -> (AnswerClass, String) {
        let classified = classify(StatusCode::from_u16(status).unwrap(), body.as_bytes());
        (classified.class, classified.detail)
    }

    #[test]
    fn success_carries_the_id_of_the_message() {
        let body = r#"{"Response":{"SendStatusSet":[{"SerialNo":"2640:000000000000000000000000001","PhoneNumber":"+8613800138000","Fee":1,"SessionContext":"req-0001","Code":"Ok","Message":"send success","IsoCode":"CN"}],"RequestId":"r"}}"#;

        let classified = classify(StatusCode::OK, body.as_bytes());

        assert_eq!(classified.class, AnswerClass::Sent);
        assert_eq!(classified.message_id.unwrap(), "2640:000000000000000000000000001");
    }

    #[test]
    fn only_the_code_decides_the_outcome_whatever_the_id() {
        for (id, word) in [("5000", Some("5000")), ("1.5e40", None), ("null", None), ("[1]", None)]
        {
            let body =
                format!(r#"{{"Response":{{"SendStatusSet":[{{"SerialNo":{id},"Code":"Ok"}}]}}}}"#);
            let classified = classify(StatusCode::OK, body.as_bytes());
            assert_eq!(
                (classified.class, classified.message_id.as_deref()),
                (AnswerClass::Sent, word),
                "{body}"
            );
        }
    }

    #[test]
    fn a_code_counts_wherever_it_stands() {
        for (code, class) in [
            ("LimitExceeded.PhoneNumberThirtySecondLimit", AnswerClass::TooFrequent),
            ("LimitExceeded.AppDailyLimit", AnswerClass::Config),
            ("LimitExceeded.NewLimit", AnswerClass::Busy),
            ("InvalidParameterValue.IncorrectPhoneNumber", AnswerClass::BadNumber),
            ("InvalidParameterValue.New", AnswerClass::Config),
            ("AuthFailure.SignatureFailure", AnswerClass::Config),
            ("FailedOperation.MissingTemplateToModify", AnswerClass::Config),
            ("FailedOperation.InsufficientBalanceInSmsPackage", AnswerClass::Balance),
            ("RequestLimitExceeded.UinLimitExceeded", AnswerClass::Busy),
            ("InternalError.Timeout", AnswerClass::Unknown),
            ("InternalError.New", AnswerClass::Unknown),
            ("OK", AnswerClass::Unknown),
        ] {
            let error = format!(r#"{{"Response":{{"Error":{{"Code":"{code}","Message":"Ok"}}}}}}"#);
            let status = format!(r#"{{"Response":{{"SendStatusSet":[{{"Code":"{code}"}}]}}}}"#);
            assert_eq!(judged(200, &error), (class, code.to_owned()));
            assert_eq!(judged(200, &status), (class, code.to_owned()));
        }
    }

    #[test]
    fn an_answer_without_a_code_is_classified_by_its_status() {
        for body in ["", "{", r#"{"Response":{}}"#, r#"{"Response":{"SendStatusSet":[]}}"#] {
            assert_eq!(judged(200, body).0, AnswerClass::Unknown, "{body}");
            assert_eq!(judged(500, body).0, AnswerClass::Unknown, "{body}");
        }
        assert_eq!(judged(429, "").0, AnswerClass::Busy);
        assert_eq!(judged(404, "<html>").0, AnswerClass::Config);
    }
}
