//! Reads Tencent's responses. The names of the codes are those of the vendor's SDK.

use reqwest::StatusCode;
use serde::Deserialize;

use super::NAME;
use crate::sms::{Class, Verdict, json, vendor};

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
pub(super) fn classify(status: StatusCode, body: &[u8]) -> Verdict {
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
            let verdict = classify_code(status, &one.code);
            Verdict { message_id: one.serial_no.and_then(|id| vendor::safe_token(&id)), ..verdict }
        }
        _ => Verdict::new(Class::Unknown, "no status"),
    }
}

fn classify_code(status: StatusCode, code: &str) -> Verdict {
    vendor::classify_code(NAME, status, code, class_of(code), unlisted_class(code))
}

/// Returns the class of a code that is not listed: a certain refusal if all known codes of its family are refusals.
fn unlisted_class(code: &str) -> Class {
    match family(code) {
        "FailedOperation" | "LimitExceeded" | "UnsupportedOperation" | "ResourceInsufficient" => {
            Class::Busy
        }
        _ => Class::Unknown,
    }
}

fn family(code: &str) -> &str {
    code.split('.').next().unwrap_or_default()
}

fn class_of(code: &str) -> Option<Class> {
    let class = match code {
        "Ok" => Class::Sent,
        "LimitExceeded.PhoneNumberThirtySecondLimit"
        | "LimitExceeded.PhoneNumberOneHourLimit"
        | "LimitExceeded.PhoneNumberDailyLimit"
        | "LimitExceeded.PhoneNumberSameContentDailyLimit"
        | "LimitExceeded.DeliveryFrequencyLimit" => Class::TooFrequent,
        // The vendor spells it `Unsuported`.
        "InvalidParameterValue.IncorrectPhoneNumber"
        | "FailedOperation.PhoneNumberParseFail"
        | "FailedOperation.PhoneNumberInBlacklist"
        | "UnsupportedOperation.UnsuportedRegion"
        | "UnsupportedOperation.UnsupportedRegion"
        | "UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone"
        | "UnsupportedOperation.GlobalTemplateToChineseMainlandPhone"
        | "LimitExceeded.AppCountryOrRegionInBlacklist" => Class::BadNumber,
        "FailedOperation.InsufficientBalanceInSmsPackage"
        | "UnauthorizedOperation.ServiceSuspendDueToArrears" => Class::Balance,
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
        | "InternalError.SigVerificationFail" => Class::Config,
        "LimitExceeded.GlobalSmsSendingRateLimit"
        | "InternalError"
        | "InternalError.OtherError"
        | "InternalError.UnknownError" => Class::Busy,
        "InternalError.Timeout"
        | "InternalError.SendAndRecvFail"
        | "InternalError.ParseBackendResponseFail"
        | "FailedOperation.OtherError" => Class::Unknown,
        _ => return class_of_family(code),
    };
    Some(class)
}

fn class_of_family(code: &str) -> Option<Class> {
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
        | "UnsupportedProtocol" => Some(Class::Config),
        "RequestLimitExceeded" | "ResourceUnavailable" => Some(Class::Busy),
        _ if lacks_approval.iter().any(|prefix| code.starts_with(prefix)) => Some(Class::Config),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, body: &str) -> (Class, String) {
        let verdict = classify(StatusCode::from_u16(status).unwrap(), body.as_bytes());
        (verdict.class, verdict.detail)
    }

    #[test]
    fn success_carries_the_id_of_the_message() {
        let body = r#"{"Response":{"SendStatusSet":[{"SerialNo":"2640:000000000000000000000000001","PhoneNumber":"+8613800138000","Fee":1,"SessionContext":"req-0001","Code":"Ok","Message":"send success","IsoCode":"CN"}],"RequestId":"r"}}"#;

        let verdict = classify(StatusCode::OK, body.as_bytes());

        assert_eq!(verdict.class, Class::Sent);
        assert_eq!(verdict.message_id.unwrap(), "2640:000000000000000000000000001");
    }

    #[test]
    fn only_the_code_decides_the_outcome_whatever_the_id() {
        for (id, word) in [("5000", Some("5000")), ("1.5e40", None), ("null", None), ("[1]", None)]
        {
            let body =
                format!(r#"{{"Response":{{"SendStatusSet":[{{"SerialNo":{id},"Code":"Ok"}}]}}}}"#);
            let verdict = classify(StatusCode::OK, body.as_bytes());
            assert_eq!(
                (verdict.class, verdict.message_id.as_deref()),
                (Class::Sent, word),
                "{body}"
            );
        }
    }

    #[test]
    fn a_code_counts_wherever_it_stands() {
        for (code, class) in [
            ("LimitExceeded.PhoneNumberThirtySecondLimit", Class::TooFrequent),
            ("LimitExceeded.AppDailyLimit", Class::Config),
            ("LimitExceeded.NewLimit", Class::Busy),
            ("InvalidParameterValue.IncorrectPhoneNumber", Class::BadNumber),
            ("InvalidParameterValue.New", Class::Config),
            ("AuthFailure.SignatureFailure", Class::Config),
            ("FailedOperation.MissingTemplateToModify", Class::Config),
            ("FailedOperation.InsufficientBalanceInSmsPackage", Class::Balance),
            ("RequestLimitExceeded.UinLimitExceeded", Class::Busy),
            ("InternalError.Timeout", Class::Unknown),
            ("InternalError.New", Class::Unknown),
            ("OK", Class::Unknown),
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
            assert_eq!(judged(200, body).0, Class::Unknown, "{body}");
            assert_eq!(judged(500, body).0, Class::Unknown, "{body}");
        }
        assert_eq!(judged(429, "").0, Class::Busy);
        assert_eq!(judged(404, "<html>").0, Class::Config);
    }
}
