//! Checks whether Aliyun accepts our credentials. `GetSmsTemplate` of the template in use only reads.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use reqwest::StatusCode;

use super::{Settings, answers, signed};
use crate::sms::{AnswerClass, ClassifiedAnswer, vendor::SignedRequest};

/// Builds the request that reads the template.
pub(super) fn request(settings: &Settings, now: DateTime<Utc>, nonce: &str) -> SignedRequest {
    let parameters = BTreeMap::from([("TemplateCode", settings.templates.code.clone())]);
    signed(settings, "GetSmsTemplate", &parameters, (now, nonce))
}

/// The vendor checks the signature before the permission, so a refusal of this action alone still means that the
/// credentials are right. The key may be for sending only.
pub(super) fn classify(provider: &str, status: StatusCode, body: &[u8]) -> ClassifiedAnswer {
    let classified = answers::classify(provider, status, body);
    let may_not_look =
        ["isp.RAM_PERMISSION_DENY", "isv.RAM_PERMISSION_DENY", "Forbidden", "NoPermission"]
            .iter()
            .any(|prefix| classified.detail.starts_with(prefix));
    match classified.class {
        AnswerClass::Sent => ClassifiedAnswer::new(AnswerClass::Sent, ""),
        AnswerClass::Config | AnswerClass::Busy if may_not_look => {
            ClassifiedAnswer { class: AnswerClass::Sent, ..classified }
        }
        AnswerClass::Config
        | AnswerClass::Busy
        | AnswerClass::Balance
        | AnswerClass::Unknown
        | AnswerClass::TooFrequent
        | AnswerClass::BadNumber => classified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_for_sending_only_is_accepted_and_a_wrong_one_is_not() {
        for (status, code, class) in [
            (400, "SignatureDoesNotMatch", AnswerClass::Config),
            (404, "InvalidAccessKeyId.NotFound", AnswerClass::Config),
            (400, "InvalidTimeStamp.Expired", AnswerClass::Config),
            (200, "isv.SMS_TEMPLATE_ILLEGAL", AnswerClass::Config),
            (403, "Forbidden.RAM", AnswerClass::Sent),
            (403, "NoPermission", AnswerClass::Sent),
            (200, "isp.RAM_PERMISSION_DENY", AnswerClass::Sent),
            (200, "isv.OUT_OF_SERVICE", AnswerClass::Balance),
            (503, "ServiceUnavailable", AnswerClass::Busy),
        ] {
            let body = format!(r#"{{"Code":"{code}","RequestId":"r"}}"#);
            let classified =
                classify("aliyun", StatusCode::from_u16(status).unwrap(), body.as_bytes());
            assert_eq!((classified.class, classified.detail.as_str()), (class, code));
        }
    }
}
