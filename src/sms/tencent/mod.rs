//! Tencent Cloud SMS, `SendSms` 2021-01-11, signed with TC3-HMAC-SHA256.
//!
//! Facts from the vendor's documentation and SDKs.

mod answers;
mod check;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use reqwest::{Client, Url};
use serde::Serialize;

use super::{
    ClassifiedAnswer, CodeMessage, CredentialCheck, Secret, SmsProvider, Templates,
    template::FilledTemplate, vendor, vendor::SignedRequest,
};
use crate::domain::{
    hex::{hex, sha256_hex},
    sms_message::SmsMessage,
};

const NAME: &str = "tencent";
const CONTENT_TYPE: &str = "application/json";

/// The settings of a Tencent Cloud account.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `SMS_TENCENT_BASE_URL`.
    pub base_url: Url,
    /// `SMS_TENCENT_SECRET_ID`.
    pub secret_id: String,
    /// `SMS_TENCENT_SECRET_KEY`.
    pub secret_key: Secret,
    /// `SMS_TENCENT_SDK_APP_ID`.
    pub sdk_app_id: String,
    /// `SMS_TENCENT_SIGN_NAME`, the text and not its id.
    pub sign_name: String,
    /// `SMS_TENCENT_REGION`, which the vendor requires for every host.
    pub region: String,
    /// `SMS_TENCENT_TEMPLATE_ID`, `…_NOTICE_TEMPLATE_ID` and `…_TEMPLATE_PARAMS`: the values of `{1}`, `{2}`, …
    pub templates: Templates,
}

/// Sends through Tencent Cloud.
pub struct Tencent {
    client: Client,
    settings: Settings,
}

impl Tencent {
    /// Uses an account.
    pub fn new(client: Client, settings: Settings) -> Self {
        Self { client, settings }
    }

    async fn post(&self, filled: &FilledTemplate<'_>) -> ClassifiedAnswer {
        let request = request(&self.settings, filled, Utc::now());
        vendor::send(request.post(&self.client), answers::classify).await
    }
}

#[async_trait]
impl SmsProvider for Tencent {
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
        let request = check::request(&self.settings, Utc::now());
        vendor::check_credentials(request.post(&self.client), check::classify).await
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body<'a> {
    phone_number_set: [String; 1],
    sms_sdk_app_id: &'a str,
    sign_name: &'a str,
    template_id: &'a str,
    template_param_set: Vec<&'a str>,
    /// The vendor returns it unchanged.
    #[serde(skip_serializing_if = "str::is_empty")]
    session_context: &'a str,
}

/// Builds the signed request that sends a message.
pub(super) fn request(
    settings: &Settings,
    filled: &FilledTemplate<'_>,
    now: DateTime<Utc>,
) -> SignedRequest {
    let body = Body {
        phone_number_set: [filled.mobile.e164()],
        sms_sdk_app_id: &settings.sdk_app_id,
        sign_name: &settings.sign_name,
        template_id: filled.template,
        template_param_set: filled.values.iter().map(|(_, value)| value.as_str()).collect(),
        session_context: filled.id,
    };
    // Strings always serialise.
    signed(settings, "SendSms", serde_json::to_string(&body).unwrap_or_default(), now)
}

/// Builds the signed request of any action.
fn signed(settings: &Settings, action: &str, body: String, now: DateTime<Utc>) -> SignedRequest {
    let canonical = canonical_request(&settings.base_url, CONTENT_TYPE, &body);
    SignedRequest {
        url: settings.base_url.clone(),
        headers: vec![
            ("content-type", CONTENT_TYPE.to_owned()),
            ("x-tc-action", action.to_owned()),
            ("x-tc-version", "2021-01-11".to_owned()),
            ("x-tc-region", settings.region.clone()),
            ("x-tc-timestamp", now.timestamp().to_string()),
            ("authorization", authorization(settings, &canonical, now)),
        ],
        body,
    }
}

pub(super) fn canonical_request(url: &Url, content_type: &str, body: &str) -> String {
    let (path, host, hash) = (url.path(), vendor::host_of(url), sha256_hex(body));
    format!("POST\n{path}\n\ncontent-type:{content_type}\nhost:{host}\n\ncontent-type;host\n{hash}")
}

pub(super) fn string_to_sign(canonical: &str, now: DateTime<Utc>) -> String {
    let (timestamp, scope) = (now.timestamp(), scope(now));
    format!("TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{}", sha256_hex(canonical))
}

pub(super) fn authorization(settings: &Settings, canonical: &str, now: DateTime<Utc>) -> String {
    let Settings { secret_id, secret_key, .. } = settings;
    let key = signing_key(secret_key, now);
    let signature = hex(&vendor::hmac_sha256(&key, &string_to_sign(canonical, now)));
    let scope = scope(now);
    format!(
        "TC3-HMAC-SHA256 Credential={secret_id}/{scope}, SignedHeaders=content-type;host, Signature={signature}"
    )
}

/// Derives the signing key of a day.
pub(super) fn signing_key(secret_key: &Secret, now: DateTime<Utc>) -> Vec<u8> {
    let key = format!("TC3{}", secret_key.as_str()).into_bytes();
    let day = day(now);
    [day.as_str(), "sms", "tc3_request"]
        .iter()
        .fold(key, |key, part| vendor::hmac_sha256(&key, part))
}

fn scope(now: DateTime<Utc>) -> String {
    format!("{}/sms/tc3_request", day(now))
}

/// Returns the day in UTC. In Beijing's time zone it would be wrong until eight in the morning.
fn day(now: DateTime<Utc>) -> String {
    now.format("%Y-%m-%d").to_string()
}
