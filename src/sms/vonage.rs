//! Vonage, formerly Nexmo, SMS API: any text to any country.
//!
//! Facts from the vendor's documentation and SDK.

use std::time::Duration;

use async_trait::async_trait;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::{Client, StatusCode, Url};
use serde::Deserialize;
use url::form_urlencoded;

use super::{
    AnswerClass, ClassifiedAnswer, CodeMessage, CredentialCheck, Secret, SmsProvider, json, vendor,
    vendor::SignedRequest,
};
use crate::domain::sms_message::SmsMessage;

const NAME: &str = "vonage";

/// Longer than for the Chinese providers, because Vonage is on another continent.
const TIMEOUT: Duration = Duration::from_secs(8);
/// Maximum time until a notice is delivered. It is still true some hours later.
const NOTICE_LIFE: Duration = Duration::from_hours(4);

/// The settings of a Vonage account and sender.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `SMS_VONAGE_BASE_URL`.
    pub base_url: Url,
    /// `SMS_VONAGE_API_KEY`.
    pub api_key: String,
    /// `SMS_VONAGE_API_SECRET`.
    pub api_secret: Secret,
    /// `SMS_VONAGE_FROM`: a number without `+`, or a name.
    pub from: String,
    /// `SMS_VONAGE_SIGNATURE_SECRET`, with which the vendor signs reports if it was asked to.
    pub signature_secret: Option<Secret>,
}

/// Sends through Vonage.
pub struct Vonage {
    client: Client,
    settings: Settings,
}

impl Vonage {
    /// Uses an account.
    pub fn new(client: Client, settings: Settings) -> Self {
        Self { client, settings }
    }

    async fn post(&self, request: SignedRequest) -> ClassifiedAnswer {
        vendor::send(request.post(&self.client).timeout(TIMEOUT), classify).await
    }
}

#[async_trait]
impl SmsProvider for Vonage {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn send(&self, message: &CodeMessage) -> ClassifiedAnswer {
        self.post(request(&self.settings, &message.sms, &message.text, message.ttl)).await
    }

    async fn notify(&self, notice: &SmsMessage, text: &str) -> Option<ClassifiedAnswer> {
        Some(self.post(request(&self.settings, notice, text, NOTICE_LIFE)).await)
    }

    async fn check(&self) -> Option<CredentialCheck> {
        let request = authorized(&self.settings, "/account/get-balance", String::new());
        let request = request.get(&self.client).timeout(TIMEOUT);
        vendor::check_credentials(request, classify_balance).await
    }
}

/// Builds the request that sends a text. The message expires with its code, or it could arrive days later.
pub(super) fn request(
    settings: &Settings,
    sms: &SmsMessage,
    text: &str,
    ttl: Duration,
) -> SignedRequest {
    let to = sms.mobile.e164();
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("to", to.trim_start_matches('+'))
        .append_pair("from", &settings.from)
        .append_pair("text", text);
    // Receipts return this id.
    if !sms.id.as_str().is_empty() {
        form.append_pair("client-ref", sms.id.as_str());
    }
    // Without the type, other characters would arrive as question marks.
    form.append_pair("type", if text.is_ascii() { "text" } else { "unicode" })
        .append_pair("ttl", &ttl.as_millis().to_string());
    let mut request = authorized(settings, "/sms/json", form.finish());
    request.headers.push(("content-type", "application/x-www-form-urlencoded".to_owned()));
    request
}

fn authorized(settings: &Settings, path: &str, body: String) -> SignedRequest {
    let credentials = format!("{}:{}", settings.api_key, settings.api_secret.as_str());
    SignedRequest {
        url: vendor::append_path(&settings.base_url, path),
        headers: vec![
            ("accept", "application/json".to_owned()),
            ("authorization", format!("Basic {}", BASE64_STANDARD.encode(credentials))),
        ],
        body,
    }
}

#[derive(Deserialize)]
struct Answer {
    messages: Vec<Part>,
}

/// A part of the message: a long text is sent as several.
#[derive(Deserialize)]
struct Part {
    #[serde(deserialize_with = "json::number")]
    status: Option<u32>,
    #[serde(default, rename = "message-id", deserialize_with = "json::text")]
    message_id: Option<String>,
}

/// Errors come with 200 too. If only some parts were refused, the person gets half a message.
fn classify(status: StatusCode, body: &[u8]) -> ClassifiedAnswer {
    let Ok(Answer { messages }) = serde_json::from_slice(body) else {
        return vendor::classify_status(status);
    };
    let statuses: Option<Vec<u32>> = messages.iter().map(|part| part.status).collect();
    let Some(statuses) = statuses.filter(|statuses| !statuses.is_empty()) else {
        return vendor::classify_status(status);
    };
    let message_id =
        messages.first().and_then(|part| vendor::safe_token(part.message_id.as_deref()?));
    let refused = statuses.iter().copied().find(|status| *status != 0);
    let classified = match refused {
        Some(code) if statuses.contains(&0) => {
            ClassifiedAnswer::new(AnswerClass::Unknown, format!("partly {code}"))
        }
        Some(code) => {
            let (listed, code) = (class_of(code), code.to_string());
            vendor::classify_code(NAME, status, &code, listed, AnswerClass::Busy)
        }
        None => vendor::classify_code(NAME, status, "0", class_of(0), AnswerClass::Unknown),
    };
    ClassifiedAnswer { message_id, ..classified }
}

fn class_of(status: u32) -> Option<AnswerClass> {
    Some(match status {
        0 => AnswerClass::Sent,
        // 1: faster than the account may. 10: too many connections.
        1 | 10 => AnswerClass::Busy,
        5 => AnswerClass::Unknown,
        // 6: mostly an unknown prefix. 7: barred. 33: not in use any more.
        6 | 7 | 33 => AnswerClass::BadNumber,
        9 => AnswerClass::Balance,
        // 8: the account is barred. 15: the sender. 29: an account on trial reaches only numbers of its list.
        2 | 3 | 4 | 8 | 11 | 12 | 14 | 15 | 16 | 19 | 20 | 22 | 23 | 29 | 32 => AnswerClass::Config,
        _ => return None,
    })
}

#[derive(Deserialize)]
struct Balance {
    value: f64,
}

/// The balance is a number of euros.
fn classify_balance(status: StatusCode, body: &[u8]) -> ClassifiedAnswer {
    match serde_json::from_slice(body) {
        Ok(Balance { value }) if status.is_success() && value > 0.0 => {
            ClassifiedAnswer::new(AnswerClass::Sent, "")
        }
        Ok(Balance { .. }) if status.is_success() => {
            ClassifiedAnswer::new(AnswerClass::Balance, "no balance")
        }
        Ok(_) | Err(_) => vendor::classify_status(status),
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
    fn every_status_has_an_outcome_and_half_a_message_is_unknown() {
        for (statuses, class, detail) in [
            (["0", "0"].as_slice(), AnswerClass::Sent, "0"),
            (&["0", "1"], AnswerClass::Unknown, "partly 1"),
            (&["1", "1"], AnswerClass::Busy, "1"),
            (&["4"], AnswerClass::Config, "4"),
            (&["5"], AnswerClass::Unknown, "5"),
            (&["7"], AnswerClass::BadNumber, "7"),
            (&["9"], AnswerClass::Balance, "9"),
            (&["29"], AnswerClass::Config, "29"),
            (&["99"], AnswerClass::Busy, "99"),
        ] {
            let parts: Vec<_> = statuses
                .iter()
                .map(|status| format!(r#"{{"status":"{status}","message-id":"0C000000217B7F02"}}"#))
                .collect();
            let body = format!(r#"{{"message-count":"1","messages":[{}]}}"#, parts.join(","));
            assert_eq!(judged(200, &body), (class, detail.to_owned()));
        }
    }

    #[test]
    fn success_carries_the_id_of_the_message() {
        let body = r#"{"message-count":"1","messages":[{"to":"447700900000",
            "message-id":"0C000000217B7F02","status":"0","remaining-balance":"15.53590000",
            "message-price":"0.03330000","network":"23410"}]}"#;

        let classified = classify(StatusCode::OK, body.as_bytes());

        assert_eq!(classified.message_id.as_deref(), Some("0C000000217B7F02"));
    }

    #[test]
    fn an_answer_without_a_status_is_classified_by_that_of_http() {
        for body in ["", "{", "{}", r#"{"messages":[]}"#, r#"{"messages":[{"status":null}]}"#] {
            assert_eq!(judged(200, body).0, AnswerClass::Unknown, "{body}");
            assert_eq!(judged(401, body).0, AnswerClass::Config, "{body}");
            assert_eq!(judged(429, body).0, AnswerClass::Busy, "{body}");
        }
    }

    #[test]
    fn an_account_without_money_is_told_from_a_wrong_secret() {
        for (status, body, class) in [
            (200, r#"{"value":10.28,"autoReload":false}"#, AnswerClass::Sent),
            (200, r#"{"value":0.0,"autoReload":false}"#, AnswerClass::Balance),
            (401, r#"{"error-code":"401"}"#, AnswerClass::Config),
            (200, "<html>", AnswerClass::Unknown),
        ] {
            let classified =
                classify_balance(StatusCode::from_u16(status).unwrap(), body.as_bytes());
            assert_eq!(classified.class, class, "{body}");
        }
    }
}
