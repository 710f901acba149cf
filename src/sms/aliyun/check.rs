//! Checks whether Aliyun accepts our credentials. `GetSmsTemplate` of the template in use only reads.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use reqwest::StatusCode;

use super::{Settings, answers, signed};
use crate::sms::{Class, Verdict, vendor::SignedRequest};

/// Builds the request that reads the template.
pub(super) fn request(settings: &Settings, now: DateTime<Utc>, nonce: &str) -> SignedRequest {
    let parameters = BTreeMap::from([("TemplateCode", settings.templates.code.clone())]);
    signed(settings, "GetSmsTemplate", &parameters, (now, nonce))
}

/// The vendor checks the signature before the permission, so a refusal of this action alone still means that the
/// credentials are right. The key may be for sending only.
pub(super) fn classify(status: StatusCode, body: &[u8]) -> Verdict {
    let verdict = answers::classify(status, body);
    let may_not_look = ["isp.RAM_PERMISSION_DENY", "Forbidden", "NoPermission"]
        .iter()
        .any(|prefix| verdict.detail.starts_with(prefix));
    match verdict.class {
        Class::Sent => Verdict::new(Class::Sent, ""),
        Class::Config | Class::Busy if may_not_look => Verdict { class: Class::Sent, ..verdict },
        Class::Config
        | Class::Busy
        | Class::Balance
        | Class::Unknown
        | Class::TooFrequent
        | Class::BadNumber => verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_for_sending_only_is_accepted_and_a_wrong_one_is_not() {
        for (status, code, class) in [
            (400, "SignatureDoesNotMatch", Class::Config),
            (404, "InvalidAccessKeyId.NotFound", Class::Config),
            (400, "InvalidTimeStamp.Expired", Class::Config),
            (200, "isv.SMS_TEMPLATE_ILLEGAL", Class::Config),
            (403, "Forbidden.RAM", Class::Sent),
            (403, "NoPermission", Class::Sent),
            (200, "isp.RAM_PERMISSION_DENY", Class::Sent),
            (200, "isv.OUT_OF_SERVICE", Class::Balance),
            (503, "ServiceUnavailable", Class::Busy),
        ] {
            let body = format!(r#"{{"Code":"{code}","RequestId":"r"}}"#);
            let verdict = classify(StatusCode::from_u16(status).unwrap(), body.as_bytes());
            assert_eq!((verdict.class, verdict.detail.as_str()), (class, code));
        }
    }
}
