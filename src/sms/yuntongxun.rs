//! Yuntongxun (容联云通讯), `TemplateSMS` of the REST interface 2013-12-26.
//!
//! Facts from the vendor's SDKs and from integrators' copies of its table of codes.

use async_trait::async_trait;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, FixedOffset, Utc};
use md5::{Digest as _, Md5};
use reqwest::{Client, StatusCode, Url};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{
    AnswerClass, ClassifiedAnswer, CodeMessage, CredentialCheck, Secret, SmsProvider, Templates,
    json, template::FilledTemplate, vendor, vendor::SignedRequest,
};
use crate::domain::{hex::hex, sms_message::SmsMessage};

const NAME: &str = "yuntongxun";

/// The time zone of the vendor's clock. Signatures are valid for 24 hours, so a wrong zone would go unnoticed.
const BEIJING: FixedOffset = FixedOffset::east_opt(8 * 60 * 60).expect("less than a day");

/// The settings of a Yuntongxun account.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `SMS_YUNTONGXUN_BASE_URL`.
    pub base_url: Url,
    /// `SMS_YUNTONGXUN_ACCOUNT_SID`.
    pub account_sid: String,
    /// `SMS_YUNTONGXUN_AUTH_TOKEN`.
    pub auth_token: Secret,
    /// `SMS_YUNTONGXUN_APP_ID`.
    pub app_id: String,
    /// `SMS_YUNTONGXUN_TEMPLATE_ID`, `…_NOTICE_TEMPLATE_ID` and `…_TEMPLATE_PARAMS`: the values of `{1}`, `{2}`, …
    pub templates: Templates,
}

/// Sends through Yuntongxun.
pub struct Yuntongxun {
    client: Client,
    settings: Settings,
}

impl Yuntongxun {
    /// Uses an account.
    pub fn new(client: Client, settings: Settings) -> Self {
        Self { client, settings }
    }

    async fn post(&self, filled: &FilledTemplate<'_>) -> ClassifiedAnswer {
        let request = request(&self.settings, filled, Utc::now());
        vendor::send(request.post(&self.client), classify).await
    }
}

#[async_trait]
impl SmsProvider for Yuntongxun {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn send(&self, message: &CodeMessage) -> ClassifiedAnswer {
        self.post(&self.settings.templates.fill_code(message)).await
    }

    async fn notify(&self, notice: &SmsMessage, _: &str) -> Option<ClassifiedAnswer> {
        Some(self.post(&self.settings.templates.fill_notice(notice)?).await)
    }

    async fn check(&self) -> Option<CredentialCheck> {
        let request = signed(&self.settings, "AccountInfo", Utc::now(), String::new());
        vendor::check_credentials(request.get(&self.client), |status, body| {
            match classify(status, body) {
                ClassifiedAnswer { class: AnswerClass::Sent, .. } => {
                    ClassifiedAnswer::new(AnswerClass::Sent, "")
                }
                classified => classified,
            }
        })
        .await
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    to: &'a str,
    app_id: &'a str,
    template_id: &'a str,
    /// Strings only: numbers may be refused, and would lose leading zeros.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    datas: Vec<&'a str>,
    /// The vendor refuses a second request with the same id on the same day, so a repeated request sends once.
    #[serde(skip_serializing_if = "str::is_empty")]
    req_id: &'a str,
}

pub(super) fn request(
    settings: &Settings,
    filled: &FilledTemplate<'_>,
    now: DateTime<Utc>,
) -> SignedRequest {
    let body = Body {
        to: filled.mobile.as_str(),
        app_id: &settings.app_id,
        template_id: filled.template,
        datas: filled.values.iter().map(|(_, value)| value.as_str()).collect(),
        req_id: filled.id,
    };
    // Strings always serialise.
    signed(settings, "SMS/TemplateSMS", now, serde_json::to_string(&body).unwrap_or_default())
}

/// Builds a signed request. The signature covers neither the body nor a nonce, so only TLS protects them.
fn signed(settings: &Settings, action: &str, now: DateTime<Utc>, body: String) -> SignedRequest {
    let Settings { account_sid, auth_token, .. } = settings;
    let time = now.with_timezone(&BEIJING).format("%Y%m%d%H%M%S");
    let digest = Md5::digest(format!("{account_sid}{}{time}", auth_token.as_str()));
    let signature = hex(&digest).to_ascii_uppercase();
    let path = format!("/2013-12-26/Accounts/{account_sid}/{action}");
    let mut url = vendor::append_path(&settings.base_url, &path);
    url.set_query(Some(&format!("sig={signature}")));
    SignedRequest {
        url,
        headers: vec![
            ("accept", "application/json".to_owned()),
            ("content-type", "application/json;charset=utf-8".to_owned()),
            // The vendor expects no scheme in front.
            ("authorization", BASE64_STANDARD.encode(format!("{account_sid}:{time}"))),
        ],
        body,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(deserialize_with = "status_code")]
    status_code: String,
    /// Holds the id of the message if it was accepted.
    #[serde(default, rename = "templateSMS")]
    template_sms: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Accepted {
    #[serde(default, deserialize_with = "json::text")]
    sms_message_sid: Option<String>,
}

/// A code is a string of six digits. As a JSON number it has lost its leading zeros, and success is 0.
fn status_code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let code = Value::deserialize(deserializer)?;
    match (code.as_u64(), code.as_str()) {
        (Some(number), _) => Ok(format!("{number:06}")),
        (None, Some(text)) => Ok(text.to_owned()),
        (None, None) => Err(serde::de::Error::custom("not a code")),
    }
}

/// Reads the code whatever the status. Any code but success is a refusal, listed or not.
fn classify(status: StatusCode, body: &[u8]) -> ClassifiedAnswer {
    let Ok(answer) = serde_json::from_slice::<Answer>(body) else {
        return vendor::classify_status(status);
    };
    let code = number(&answer.status_code);
    let otherwise = if code.is_some() { AnswerClass::Busy } else { AnswerClass::Unknown };
    let classified = vendor::classify_code(
        NAME,
        status,
        &answer.status_code,
        code.and_then(class_of),
        otherwise,
    );
    let accepted = serde_json::from_value(answer.template_sms).ok();
    let id = accepted.and_then(|Accepted { sms_message_sid }| sms_message_sid);
    ClassifiedAnswer { message_id: id.and_then(|id| vendor::safe_token(&id)), ..classified }
}

/// Returns the six digits of a code as a number.
fn number(code: &str) -> Option<u32> {
    let is_code = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    if is_code { code.parse().ok() } else { None }
}

#[expect(clippy::match_same_arms, reason = "an arm is a kind of cause")]
fn class_of(code: u32) -> Option<AnswerClass> {
    Some(match code {
        // 160054: this message was accepted before.
        0 | 160_054 => AnswerClass::Sent,
        // Limits of the number: per minute, per day, or the same text again.
        160_038..=160_041 | 160_015 | 160_021 | 160_022 | 160_056 | 112_314 => {
            AnswerClass::TooFrequent
        }
        // The number is malformed, blocked, unsubscribed or abroad.
        160_013 | 160_042 | 112_316 | 112_319 | 112_328 => AnswerClass::BadNumber,
        160_034 | 160_068 | 160_072..=160_074 | 112_317 => AnswerClass::BadNumber,
        160_051 | 160_061 | 160_062 => AnswerClass::BadNumber,
        111_142 | 160_014 | 161_002 | 161_003 => AnswerClass::Balance,
        // Time-outs behind the vendor's gateway.
        161_020..=161_022 => AnswerClass::Unknown,
        // Account: request headers, token, status, our address.
        111_100..=111_110 | 111_113 | 111_128..=111_133 | 111_141 | 111_143 => AnswerClass::Config,
        111_138..=111_140 | 111_115 | 160_053 | 161_100..=161_108 => AnswerClass::Config,
        // App and template. 112310 means "not live yet", although it is often taken for "too often".
        111_169..=111_182 | 111_212 | 112_303 | 112_305 | 112_310 | 113_302 => AnswerClass::Config,
        112_307..=112_309 | 112_311 | 112_313 | 112_315 | 112_318 | 112_323 => AnswerClass::Config,
        160_019 | 160_032 | 160_036 | 160_043 | 160_052 | 160_057..=160_060 => AnswerClass::Config,
        160_069 => AnswerClass::Config,
        // Text and length of the message, form of the body, list of numbers.
        160_011 | 160_018 | 160_033 | 160_049 | 161_007 | 160_020 | 160_037 => AnswerClass::Config,
        160_035 | 160_030 | 160_031 | 160_017 | 160_044 | 160_045 | 160_048 => AnswerClass::Config,
        160_000..=160_010 | 160_012 | 160_016 | 160_050 | 160_063 | 160_064 => AnswerClass::Busy,
        161_000 | 161_001 | 161_004..=161_006 | 161_008..=161_019 => AnswerClass::Busy,
        161_023 | 161_024 | 111_000..=111_099 | 111_111 | 112_302 | 112_326 => AnswerClass::Busy,
        _ => return None,
    })
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
        let body = r#"{"statusCode":"000000","templateSMS":{"smsMessageSid":"0123456789abcdef0123456789abcdef","dateCreated":"20240808140641"}}"#;

        let classified = classify(StatusCode::OK, body.as_bytes());

        assert_eq!(classified.class, AnswerClass::Sent);
        assert_eq!(classified.message_id.unwrap(), "0123456789abcdef0123456789abcdef");
    }

    #[test]
    fn only_the_code_decides_the_outcome_whatever_its_type() {
        for (code, sms, class, id) in [
            ("0", r#"{"smsMessageSid":"a1"}"#, AnswerClass::Sent, Some("a1")),
            ("\"000000\"", r#"{"smsMessageSid":42}"#, AnswerClass::Sent, Some("42")),
            ("\"000000\"", r#"{"smsMessageSid":{}}"#, AnswerClass::Sent, None),
            ("\"000000\"", "\"\"", AnswerClass::Sent, None),
            ("\"000000\"", "[]", AnswerClass::Sent, None),
            ("160038", "null", AnswerClass::TooFrequent, None),
        ] {
            let body = format!(r#"{{"statusCode":{code},"templateSMS":{sms}}}"#);
            let classified = classify(StatusCode::OK, body.as_bytes());
            assert_eq!((classified.class, classified.message_id.as_deref()), (class, id), "{body}");
        }
    }

    #[test]
    fn codes_decide_the_outcome_and_messages_do_not() {
        for (code, class) in [
            ("160038", AnswerClass::TooFrequent),
            ("160040", AnswerClass::TooFrequent),
            ("112310", AnswerClass::Config),
            ("111109", AnswerClass::Config),
            ("160042", AnswerClass::BadNumber),
            ("111142", AnswerClass::Balance),
            ("161002", AnswerClass::Balance),
            ("161007", AnswerClass::Config),
            ("161021", AnswerClass::Unknown),
            ("160000", AnswerClass::Busy),
            ("160054", AnswerClass::Sent),
            ("169999", AnswerClass::Busy),
            ("0", AnswerClass::Unknown),
        ] {
            let body = format!(r#"{{"statusCode":"{code}","statusMsg":"【短信】短信发送成功"}}"#);
            assert_eq!(judged(200, &body), (class, code.to_owned()));
        }
    }

    #[test]
    fn an_answer_without_a_code_is_classified_by_its_status() {
        for body in ["", "{", r#"{"statusCode":"0000"#, "{}", r#"{"statusCode":true}"#, "<html>"] {
            assert_eq!(judged(200, body).0, AnswerClass::Unknown, "{body}");
            assert_eq!(judged(500, body), (AnswerClass::Unknown, "500".to_owned()), "{body}");
            assert_eq!(judged(429, body).0, AnswerClass::Busy, "{body}");
            assert_eq!(judged(404, body).0, AnswerClass::Config, "{body}");
        }
        assert_eq!(judged(400, r#"{"statusCode":"111109"}"#).0, AnswerClass::Config);
    }
}
