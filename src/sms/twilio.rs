//! Twilio Programmable Messaging, for numbers that no Chinese vendor reaches.
//!
//! Facts from the vendor's documentation and SDKs.

use std::time::Duration;

use async_trait::async_trait;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::{Client, StatusCode, Url};
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded;

use super::{
    AnswerClass, ClassifiedAnswer, CodeMessage, CredentialCheck, Secret, SmsProvider, json, vendor,
    vendor::SignedRequest,
};
use crate::domain::sms_message::SmsMessage;

const NAME: &str = "twilio";

/// Longer than for the other providers, because Twilio is on another continent.
const TIMEOUT: Duration = Duration::from_secs(8);
/// Maximum time until a notice is delivered. It is still true some hours later.
const NOTICE_LIFE: Duration = Duration::from_hours(4);

/// The settings of a Twilio account and sender.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `SMS_TWILIO_BASE_URL`.
    pub base_url: Url,
    /// `SMS_TWILIO_ACCOUNT_SID`.
    pub account_sid: String,
    /// `SMS_TWILIO_AUTH_TOKEN`: the account's token, or an API key as `SK…:secret`.
    pub auth_token: Secret,
    /// `SMS_TWILIO_FROM`: a number, an alphanumeric sender id, or a messaging service `MG…`.
    pub from: String,
    /// `SMS_TWILIO_RECEIPTS_TOKEN`: the account's Auth Token, if `auth_token` is an API key. Reports are signed with it.
    pub receipts_token: Option<Secret>,
    /// The address for receipts, which contains a secret. The vendor is told with every message.
    pub callback: Option<Secret>,
}

impl Settings {
    /// Returns the token that signs reports, if it is known.
    pub fn signing_token(&self) -> Option<&Secret> {
        let own = Some(&self.auth_token).filter(|token| !token.as_str().contains(':'));
        self.receipts_token.as_ref().or(own)
    }
}

/// Sends through Twilio.
pub struct Twilio {
    client: Client,
    settings: Settings,
}

impl Twilio {
    /// Uses an account.
    pub fn new(client: Client, settings: Settings) -> Self {
        Self { client, settings }
    }

    async fn post(&self, request: SignedRequest) -> ClassifiedAnswer {
        vendor::send(request.post(&self.client).timeout(TIMEOUT), classify).await
    }
}

#[async_trait]
impl SmsProvider for Twilio {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn send(&self, message: &CodeMessage) -> ClassifiedAnswer {
        self.post(request(&self.settings, message)).await
    }

    async fn notify(&self, notice: &SmsMessage, text: &str) -> Option<ClassifiedAnswer> {
        let body = form(&self.settings, &notice.mobile.e164(), text, NOTICE_LIFE);
        Some(self.post(messages(&self.settings, body)).await)
    }

    async fn check(&self) -> Option<CredentialCheck> {
        let request = account(&self.settings).get(&self.client).timeout(TIMEOUT);
        vendor::check_credentials(request, classify_account).await
    }
}

/// Builds the request that sends a message. It has no signature, time or nonce.
pub(super) fn request(settings: &Settings, message: &CodeMessage) -> SignedRequest {
    messages(settings, form(settings, &message.sms.mobile.e164(), &message.text, message.ttl))
}

fn messages(settings: &Settings, body: String) -> SignedRequest {
    let mut request = authorized(settings, "/Messages.json", body);
    request.headers.push(("content-type", "application/x-www-form-urlencoded".to_owned()));
    request
}

/// Builds the request that reads the account. An API key that is not a main one may not read it, but it may read the
/// numbers of the account.
fn account(settings: &Settings) -> SignedRequest {
    let is_key = settings.auth_token.as_str().contains(':');
    let what = if is_key { "/IncomingPhoneNumbers.json" } else { ".json" };
    authorized(settings, what, String::new())
}

fn authorized(settings: &Settings, what: &str, body: String) -> SignedRequest {
    let sid = &settings.account_sid;
    let path = format!("/2010-04-01/Accounts/{sid}{what}");
    let token = settings.auth_token.as_str();
    // An API key is its own user name; the path contains the account all the same.
    let credentials = if token.contains(':') { token.to_owned() } else { format!("{sid}:{token}") };
    SignedRequest {
        url: vendor::append_path(&settings.base_url, &path),
        headers: vec![
            ("accept", "application/json".to_owned()),
            ("authorization", format!("Basic {}", BASE64_STANDARD.encode(credentials))),
        ],
        body,
    }
}

/// Builds the body. The message expires with its code, or it could arrive up to ten hours later.
pub(super) fn form(settings: &Settings, to: &str, text: &str, ttl: Duration) -> String {
    let is_service = settings.from.len() == 34 && settings.from.starts_with("MG");
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("To", to)
        .append_pair(if is_service { "MessagingServiceSid" } else { "From" }, &settings.from)
        .append_pair("Body", text)
        .append_pair("ValidityPeriod", &ttl.as_secs().to_string());
    if let Some(callback) = &settings.callback {
        form.append_pair("StatusCallback", callback.as_str());
    }
    form.finish()
}

#[derive(Deserialize)]
struct Created {
    sid: Value,
    #[serde(default, deserialize_with = "json::number")]
    error_code: Option<u32>,
}

#[derive(Deserialize)]
struct Refused {
    #[serde(default, deserialize_with = "json::number")]
    code: Option<u32>,
}

/// Success is 201 with the id of the message. Every error has a number, whatever the status.
fn classify(status: StatusCode, body: &[u8]) -> ClassifiedAnswer {
    if let Ok(Refused { code: Some(code) }) = serde_json::from_slice(body) {
        return classify_code(status, code);
    }
    match serde_json::from_slice(body) {
        Ok(Created { error_code: Some(code), .. }) => classify_code(status, code),
        Ok(Created { sid, .. }) if status == StatusCode::CREATED => {
            let message_id = sid.as_str().and_then(vendor::safe_token);
            ClassifiedAnswer { message_id, ..ClassifiedAnswer::new(AnswerClass::Sent, "201") }
        }
        _ if status == StatusCode::SERVICE_UNAVAILABLE => {
            ClassifiedAnswer::new(AnswerClass::Busy, "503")
        }
        _ => vendor::classify_status(status),
    }
}

#[derive(Deserialize)]
struct Account {
    status: Option<String>,
}

/// An account is `active`, `suspended` (mostly because it is out of money) or `closed`.
fn classify_account(status: StatusCode, body: &[u8]) -> ClassifiedAnswer {
    match serde_json::from_slice(body) {
        Ok(Account { status: word }) if status == StatusCode::OK => match word.as_deref() {
            None | Some("active") => ClassifiedAnswer::new(AnswerClass::Sent, ""),
            Some("suspended") => ClassifiedAnswer::new(AnswerClass::Balance, "suspended"),
            Some(_) => ClassifiedAnswer::new(AnswerClass::Config, "closed"),
        },
        _ => classify(status, body),
    }
}

fn classify_code(status: StatusCode, code: u32) -> ClassifiedAnswer {
    let otherwise = if status.is_client_error() { AnswerClass::Busy } else { AnswerClass::Unknown };
    let is_away = status == StatusCode::SERVICE_UNAVAILABLE;
    let listed = class_of(code).or_else(|| is_away.then_some(AnswerClass::Busy));
    vendor::classify_code(NAME, status, &code.to_string(), listed, otherwise)
}

fn class_of(code: u32) -> Option<AnswerClass> {
    Some(match code {
        21_211 | 21_610 | 21_612 | 21_614 => AnswerClass::BadNumber,
        20_005 | 10_001 | 90_010 => AnswerClass::Balance,
        // 21608: a trial account reaches only numbers that it has verified. 21609: the address for receipts.
        20_003
        | 20_404
        | 21_212
        | 21_408
        | 21_602..=21_604
        | 21_606
        | 21_608
        | 21_609
        | 21_617
        | 21_701..=21_703
        | 90_007 => AnswerClass::Config,
        20_429 | 21_611 | 21_730 | 63_017 | 63_038 => AnswerClass::Busy,
        20_500 => AnswerClass::Unknown,
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
    fn success_is_201_with_an_id() {
        let body = r#"{"sid":"SM00000000000000000000000000000001","status":"queued","error_code":null,"error_message":null}"#;

        let classified = classify(StatusCode::CREATED, body.as_bytes());

        assert_eq!(classified.class, AnswerClass::Sent);
        assert_eq!(classified.message_id.unwrap(), "SM00000000000000000000000000000001");
        assert_eq!(judged(200, body).0, AnswerClass::Unknown);
        for code in ["21610", "\"21610\""] {
            let body = format!(r#"{{"sid":"SM1","error_code":{code}}}"#);
            assert_eq!(judged(201, &body).0, AnswerClass::BadNumber, "{body}");
            let body = format!(r#"{{"code":{code}}}"#);
            assert_eq!(judged(400, &body).0, AnswerClass::BadNumber, "{body}");
        }
        assert_eq!(judged(201, r#"{"sid":1,"error_code":{}}"#).0, AnswerClass::Sent);
    }

    #[test]
    fn codes_decide_the_outcome_and_messages_do_not() {
        for (status, code, class) in [
            (400, 21_211, AnswerClass::BadNumber),
            (400, 21_608, AnswerClass::Config),
            (401, 20_003, AnswerClass::Config),
            (403, 20_005, AnswerClass::Balance),
            (429, 20_429, AnswerClass::Busy),
            (400, 29_999, AnswerClass::Busy),
            (200, 29_999, AnswerClass::Unknown),
            (200, 21_211, AnswerClass::BadNumber),
            (500, 20_500, AnswerClass::Unknown),
            (500, 29_999, AnswerClass::Unknown),
            (503, 29_999, AnswerClass::Busy),
        ] {
            let body = format!(r#"{{"code":{code},"message":"queued","status":{status}}}"#);
            assert_eq!(judged(status, &body), (class, code.to_string()));
        }
    }

    #[test]
    fn an_answer_without_a_code_is_classified_by_its_status() {
        for body in ["", "{", "{}", r#"{"sid":"SM"#, "<html>"] {
            assert_eq!(judged(201, body).0, AnswerClass::Unknown, "{body}");
            assert_eq!(judged(500, body).0, AnswerClass::Unknown, "{body}");
            assert_eq!(judged(503, body).0, AnswerClass::Busy, "{body}");
            assert_eq!(judged(429, body).0, AnswerClass::Busy, "{body}");
            assert_eq!(judged(401, body).0, AnswerClass::Config, "{body}");
        }
    }
}
