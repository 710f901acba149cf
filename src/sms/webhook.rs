//! A gateway of the operator's own: a JSON POST signed as in Standard Webhooks 1.0.0.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, SecondsFormat, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{Client, StatusCode, Url};
use serde::Serialize;
use sha2::Sha256;

use super::{AnswerClass, ClassifiedAnswer, CodeMessage, CredentialCheck, SmsProvider, vendor};
use crate::domain::sms_message::SmsMessage;

/// Posts messages to a URL of the operator's.
pub struct Webhook {
    client: Client,
    url: Url,
    secret: WebhookSecret,
}

/// The key shared with the receiver: the 24 to 64 bytes after `whsec_`.
#[derive(Clone)]
pub struct WebhookSecret(Vec<u8>);

impl WebhookSecret {
    /// Reads `whsec_` and base64.
    pub fn parse(text: &str) -> Option<Self> {
        let key = BASE64_STANDARD.decode(text.strip_prefix("whsec_")?).ok()?;
        (24..=64).contains(&key.len()).then_some(Self(key))
    }

    /// Returns the signature of an attempt, as its header carries it.
    fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        // HMAC accepts keys of any length, so this never returns early.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
        format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Webhook {
    /// Uses the gateway at a URL.
    pub fn new(client: Client, url: Url, secret: WebhookSecret) -> Self {
        Self { client, url, secret }
    }

    async fn post_once(&self, id: &str, body: &str, now: DateTime<Utc>) -> ClassifiedAnswer {
        let timestamp = now.timestamp();
        let request = self
            .client
            .post(self.url.clone())
            .timeout(Duration::from_millis(2_500))
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", self.secret.sign(id, timestamp, body))
            .body(body.to_owned());
        vendor::send(request, classify).await
    }

    /// Posts a message, and once more after an unknown outcome. The receiver recognises the id and drops the second
    /// one.
    async fn post(&self, id: &str, body: &str) -> ClassifiedAnswer {
        let id = format!("msg_{id}");
        let first = self.post_once(&id, body, Utc::now()).await;
        if first.class != AnswerClass::Unknown {
            return first;
        }
        match self.post_once(&id, body, Utc::now()).await {
            // The first attempt may have arrived, whatever a later refusal says.
            ClassifiedAnswer {
                class: AnswerClass::Busy | AnswerClass::Config | AnswerClass::Balance,
                ..
            } => first,
            second => second,
        }
    }
}

#[async_trait]
impl SmsProvider for Webhook {
    fn name(&self) -> &'static str {
        "webhook"
    }

    async fn send(&self, message: &CodeMessage) -> ClassifiedAnswer {
        self.post(message.sms.id.as_str(), &code_body(message, Utc::now())).await
    }

    /// Checks whether the gateway answers, by HEAD, which no receiver takes for a message.
    async fn check(&self) -> Option<CredentialCheck> {
        let request = self.client.head(self.url.clone()).timeout(Duration::from_millis(2_500));
        vendor::check_credentials(request, classify_presence).await
    }

    async fn notify(&self, notice: &SmsMessage, text: &str) -> Option<ClassifiedAnswer> {
        Some(self.post(notice.id.as_str(), &notice_body(notice, text, Utc::now())).await)
    }
}

/// The body. The order of the fields is that of the documentation.
#[derive(Serialize)]
struct Event<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    to: String,
    lang: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    template: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<Params>,
    text: String,
}

#[derive(Serialize)]
struct Params {
    ttl_minutes: String,
}

fn code_body(message: &CodeMessage, now: DateTime<Utc>) -> String {
    let data = Data {
        to: message.sms.mobile.e164(),
        lang: message.sms.language.tag(),
        region: message.sms.mobile.region(),
        code: Some(message.code.digits()),
        template: message.sms.purpose.as_str(),
        params: Some(Params { ttl_minutes: message.minutes().to_string() }),
        text: message.text.clone(),
    };
    event_json("sms.verification", data, now)
}

fn notice_body(notice: &SmsMessage, text: &str, now: DateTime<Utc>) -> String {
    let (to, text) = (notice.mobile.e164(), text.to_owned());
    let (lang, region) = (notice.language.tag(), notice.mobile.region());
    let template = notice.purpose.as_str();
    let data = Data { to, lang, region, code: None, template, params: None, text };
    event_json("sms.notice", data, now)
}

fn event_json(kind: &'static str, data: Data<'_>, now: DateTime<Utc>) -> String {
    let timestamp = now.to_rfc3339_opts(SecondsFormat::Secs, true);
    serde_json::to_string(&Event { kind, timestamp, data }).unwrap_or_default()
}

/// Any response proves that the gateway is there, unless a proxy found nothing behind it.
fn classify_presence(status: StatusCode, _: &[u8]) -> ClassifiedAnswer {
    let class =
        if matches!(status.as_u16(), 502..=504) { AnswerClass::Busy } else { AnswerClass::Sent };
    ClassifiedAnswer::new(class, status.as_u16().to_string())
}

fn classify(status: StatusCode, body: &[u8]) -> ClassifiedAnswer {
    let class = match status.as_u16() {
        200..=299 => AnswerClass::Sent,
        402 => AnswerClass::Balance,
        422 if is_number_at_fault(body) => AnswerClass::BadNumber,
        429 | 503 => AnswerClass::Busy,
        500..=599 => AnswerClass::Unknown,
        _ => AnswerClass::Config,
    };
    ClassifiedAnswer::new(class, status.as_u16().to_string())
}

/// Returns whether a 422 says that the number is at fault, and not the request.
fn is_number_at_fault(body: &[u8]) -> bool {
    let error = serde_json::from_slice::<serde_json::Value>(body).unwrap_or_default();
    ["code", "error"]
        .iter()
        .filter_map(|field| error.get(field)?.as_str())
        .any(|code| matches!(code, "invalid_recipient" | "recipient_blocked"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        language::Language,
        mobile::Mobile,
        purpose::Purpose,
        sms_code::SmsCode,
        sms_message::{MessageId, SmsPurpose},
    };

    #[test]
    fn the_signature_is_the_one_of_the_specification() {
        let secret = WebhookSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();

        let signature =
            secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);

        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn the_signature_is_the_one_of_the_reference_library() {
        // Computed by standardwebhooks 1.1.0 for Python.
        let secret =
            WebhookSecret::parse("whsec_bG9vcGJhY2stb25seS13ZWJob29rLXNlY3JldC0zMmI=").unwrap();
        let body = r#"{"type":"sms.verification","timestamp":"2024-01-01T19:04:05Z","data":{"to":"+8613800138000","code":"042137","template":"login","params":{"ttl_minutes":"5"},"text":"验证码 042137"}}"#;

        let signature = secret.sign("msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", 1_704_135_845, body);

        assert_eq!(signature, "v1,chuVsU4fMXSTqSYnUyaD2md3GRSsg8n/3wQK45eQZco=");
    }

    #[test]
    fn a_secret_is_whsec_and_24_to_64_bytes() {
        assert!(WebhookSecret::parse("whsec_c2hvcnQ=").is_none());
        assert!(WebhookSecret::parse("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").is_none());
    }

    #[test]
    fn the_body_has_the_documented_shape() {
        let sms = SmsMessage {
            id: MessageId::new(""),
            mobile: Mobile::parse("13800138000").unwrap(),
            language: Language::Chinese,
            purpose: SmsPurpose::Code(Purpose::Register),
        };
        let code = SmsCode::parse("042137").unwrap();
        let message = CodeMessage {
            sms,
            code,
            ttl: Duration::from_mins(5),
            text: "验证码 042137".to_owned(),
        };

        let body = code_body(&message, DateTime::from_timestamp(1_704_135_845, 0).unwrap());

        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["type"], "sms.verification");
        assert_eq!(body["timestamp"], "2024-01-01T19:04:05Z");
        assert_eq!(body["data"]["to"], "+8613800138000");
        assert_eq!(body["data"]["lang"], "zh-CN");
        assert_eq!(body["data"]["region"], "CN");
        assert_eq!(body["data"]["code"], "042137");
        assert_eq!(body["data"]["params"]["ttl_minutes"], "5");
    }

    #[test]
    fn every_status_has_its_outcome() {
        let class = |status, body: &str| {
            classify(StatusCode::from_u16(status).unwrap(), body.as_bytes()).class
        };
        assert_eq!(class(204, ""), AnswerClass::Sent);
        assert_eq!(class(302, ""), AnswerClass::Config);
        assert_eq!(class(401, ""), AnswerClass::Config);
        assert_eq!(class(402, ""), AnswerClass::Balance);
        assert_eq!(class(410, ""), AnswerClass::Config);
        assert_eq!(class(422, r#"{"error":"invalid_recipient"}"#), AnswerClass::BadNumber);
        assert_eq!(class(422, r#"{"error":"template"}"#), AnswerClass::Config);
        assert_eq!(class(429, ""), AnswerClass::Busy);
        assert_eq!(class(500, ""), AnswerClass::Unknown);
        assert_eq!(class(503, ""), AnswerClass::Busy);
    }
}
