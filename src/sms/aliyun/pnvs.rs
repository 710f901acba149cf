//! Aliyun PNVS 短信认证, `SendSmsVerifyCode` of dypnsapi 2017-05-25: signature and template are lent by Aliyun.
//!
//! Facts from the vendor's documentation and SDK. It could make and check codes itself. Here it is given our code as a
//! variable of the template, so that every provider sends the same one and a failover keeps it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, FixedOffset, Utc};
use reqwest::Client;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Settings, answers, check, signed};
use crate::sms::{
    ClassifiedAnswer, CodeMessage, CredentialCheck, SmsProvider, template::FilledTemplate, vendor,
    vendor::SignedRequest,
};

const NAME: &str = "aliyun_pnvs";

/// A number that the check asks about. Any will do, because it may have received nothing.
const ANY_NUMBER: &str = "13800138000";
/// The vendor's days begin at midnight in Beijing.
const SECONDS_EAST: i32 = 8 * 3_600;

/// Sends through Aliyun's service for phone number verification.
pub struct AliyunPnvs {
    client: Client,
    settings: Settings,
}

impl AliyunPnvs {
    /// Uses an account, whose settings are `SMS_ALIYUN_PNVS_…`. It has no template for notices.
    pub fn new(client: Client, settings: Settings) -> Self {
        Self { client, settings }
    }
}

#[async_trait]
impl SmsProvider for AliyunPnvs {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn send(&self, message: &CodeMessage) -> ClassifiedAnswer {
        let nonce = Uuid::new_v4().simple().to_string();
        let filled = self.settings.templates.fill_code(message);
        let request = request(&self.settings, &filled, Utc::now(), &nonce);
        vendor::send(request.post(&self.client), |status, body| {
            answers::classify(NAME, status, body)
        })
        .await
    }

    async fn check(&self) -> Option<CredentialCheck> {
        let nonce = Uuid::new_v4().simple().to_string();
        let request = query_request(&self.settings, Utc::now(), &nonce);
        vendor::check_credentials(request.post(&self.client), |status, body| {
            check::classify(NAME, status, body)
        })
        .await
    }
}

/// Builds the signed request that sends a code.
pub(in crate::sms) fn request(
    settings: &Settings,
    filled: &FilledTemplate<'_>,
    now: DateTime<Utc>,
    nonce: &str,
) -> SignedRequest {
    let pair = |(name, value): &(&str, String)| (variable(name).to_owned(), json!(value));
    let template_param: Map<_, _> = filled.values.iter().map(pair).collect();
    let mut parameters = BTreeMap::from([
        ("PhoneNumber", filled.mobile.as_str().to_owned()),
        ("SignName", settings.sign_name.clone()),
        ("TemplateCode", filled.template.to_owned()),
        ("TemplateParam", Value::Object(template_param).to_string()),
    ]);
    // Receipts return this id.
    if !filled.id.is_empty() {
        parameters.insert("OutId", filled.id.to_owned());
    }
    signed(settings, "SendSmsVerifyCode", &parameters, (now, nonce))
}

/// Returns the name that a variable has in the templates which Aliyun lends.
fn variable(name: &str) -> &str {
    if name == "minutes" { "min" } else { name }
}

/// Builds the request that reads what was sent to a number today. It needs the credentials and sends nothing.
fn query_request(settings: &Settings, now: DateTime<Utc>, nonce: &str) -> SignedRequest {
    let today = FixedOffset::east_opt(SECONDS_EAST).map_or_else(
        || now.format("%Y%m%d"),
        |beijing| now.with_timezone(&beijing).format("%Y%m%d"),
    );
    let parameters = BTreeMap::from([
        ("PhoneNumber", ANY_NUMBER.to_owned()),
        ("SendDate", today.to_string()),
        ("PageSize", "1".to_owned()),
        ("CurrentPage", "1".to_owned()),
    ]);
    signed(settings, "QuerySendDetails", &parameters, (now, nonce))
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;

    use super::*;
    use crate::sms::AnswerClass;

    #[test]
    fn success_carries_the_id_in_the_model() {
        let body = r#"{"Code":"OK","Message":"成功","Success":true,"RequestId":"r",
            "Model":{"BizId":"112231421412414124123^4","RequestId":"r","OutId":"o"}}"#;

        let classified = answers::classify(NAME, StatusCode::OK, body.as_bytes());

        assert_eq!(classified.class, AnswerClass::Sent);
        assert_eq!(classified.message_id.unwrap(), "112231421412414124123^4");
    }

    #[test]
    fn its_own_codes_have_an_outcome_with_and_without_a_prefix() {
        for (code, class) in [
            ("biz.FREQUENCY", AnswerClass::TooFrequent),
            ("FREQUENCY_FAIL", AnswerClass::TooFrequent),
            ("BUSINESS_LIMIT_CONTROL", AnswerClass::TooFrequent),
            ("isv.BUSINESS_LIMIT_CONTROL", AnswerClass::TooFrequent),
            ("MOBILE_NUMBER_ILLEGAL", AnswerClass::BadNumber),
            ("AMOUNT_NOT_ENOUGH", AnswerClass::Balance),
            ("FUNCTION_NOT_OPENED", AnswerClass::Config),
            ("INVALID_PARAMETERS", AnswerClass::Config),
            ("isv.RAM_PERMISSION_DENY", AnswerClass::Config),
            ("isv.VERIFY_SCHEME_NOT_EXIST", AnswerClass::Config),
            ("isv.NEW", AnswerClass::Busy),
            ("NEW", AnswerClass::Unknown),
        ] {
            let body = format!(r#"{{"Code":"{code}","Success":false,"Model":null}}"#);
            let classified = answers::classify(NAME, StatusCode::OK, body.as_bytes());
            assert_eq!((classified.class, classified.detail.as_str()), (class, code));
        }
    }
}
