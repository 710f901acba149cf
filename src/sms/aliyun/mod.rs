//! Aliyun SMS, `SendSms` of dysmsapi 2017-05-25, signed with ACS3-HMAC-SHA256.
//!
//! Facts from the vendor's documentation and SDKs. Its older signature is no longer recommended.

mod answers;
mod check;
pub mod pnvs;

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, SecondsFormat, Utc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Client, Url};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    ClassifiedAnswer, CodeMessage, CredentialCheck, Secret, SmsProvider, Templates,
    template::FilledTemplate, vendor, vendor::SignedRequest,
};
use crate::domain::{
    hex::{hex, sha256_hex},
    sms_message::SmsMessage,
};

const NAME: &str = "aliyun";

/// The signature requires the encoding of RFC 3986, with `%20` for a space.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The settings of an Aliyun account.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `SMS_ALIYUN_BASE_URL`.
    pub base_url: Url,
    /// `SMS_ALIYUN_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `SMS_ALIYUN_ACCESS_KEY_SECRET`.
    pub access_key_secret: Secret,
    /// `SMS_ALIYUN_SIGN_NAME`.
    pub sign_name: String,
    /// `SMS_ALIYUN_TEMPLATE_CODE`, `…_NOTICE_TEMPLATE_CODE` and `…_TEMPLATE_PARAMS`. The variables have the names of
    /// the parameters. A template for codes may have a single one.
    pub templates: Templates,
}

/// Sends through Aliyun.
pub struct Aliyun {
    client: Client,
    settings: Settings,
}

impl Aliyun {
    /// Uses an account.
    pub fn new(client: Client, settings: Settings) -> Self {
        Self { client, settings }
    }

    async fn post(&self, filled: &FilledTemplate<'_>) -> ClassifiedAnswer {
        let nonce = Uuid::new_v4().simple().to_string();
        let request = request(&self.settings, filled, Utc::now(), &nonce);
        vendor::send(request.post(&self.client), |status, body| {
            answers::classify(NAME, status, body)
        })
        .await
    }
}

#[async_trait]
impl SmsProvider for Aliyun {
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
        let nonce = Uuid::new_v4().simple().to_string();
        let request = check::request(&self.settings, Utc::now(), &nonce);
        vendor::check_credentials(request.post(&self.client), |status, body| {
            check::classify(NAME, status, body)
        })
        .await
    }
}

/// Builds the signed request that sends a message.
pub(super) fn request(
    settings: &Settings,
    filled: &FilledTemplate<'_>,
    now: DateTime<Utc>,
    nonce: &str,
) -> SignedRequest {
    signed(settings, "SendSms", &parameters(settings, filled), (now, nonce))
}

/// Builds the signed request of any action. The parameters are in the query only, so the URL contains the number and
/// the code and must not be logged.
fn signed(
    settings: &Settings,
    action: &str,
    parameters: &BTreeMap<&'static str, String>,
    (now, nonce): (DateTime<Utc>, &str),
) -> SignedRequest {
    let query = canonical_query(parameters);
    let signed = signed_headers(&settings.base_url, action, now, nonce);
    let canonical = canonical_request(settings.base_url.path(), &query, &signed);
    let authorization = authorization(settings, &signed, &canonical);
    let mut url = settings.base_url.clone();
    // Set the text that was signed; `Url` would encode it differently.
    url.set_query(Some(&query));
    // reqwest sends `host` by itself.
    let mut headers: Vec<_> = signed.into_iter().filter(|(name, _)| *name != "host").collect();
    headers.push(("accept", "application/json".to_owned()));
    headers.push(("authorization", authorization));
    SignedRequest { url, headers, body: String::new() }
}

fn parameters(settings: &Settings, filled: &FilledTemplate<'_>) -> BTreeMap<&'static str, String> {
    let pair = |(name, value): &(&str, String)| ((*name).to_owned(), json!(value));
    let template_param: Map<_, _> = filled.values.iter().map(pair).collect();
    let mut parameters = BTreeMap::from([
        ("PhoneNumbers", filled.mobile.as_str().to_owned()),
        ("SignName", settings.sign_name.clone()),
        ("TemplateCode", filled.template.to_owned()),
    ]);
    if !template_param.is_empty() {
        parameters.insert("TemplateParam", Value::Object(template_param).to_string());
    }
    // Receipts return this id.
    if !filled.id.is_empty() {
        parameters.insert("OutId", filled.id.to_owned());
    }
    parameters
}

pub(super) fn canonical_query(parameters: &BTreeMap<&str, String>) -> String {
    let pair = |(name, value): (&&str, &String)| {
        format!("{name}={}", utf8_percent_encode(value, RESERVED))
    };
    parameters.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// Returns the headers that are signed and sent: the host and the vendor's own.
pub(super) fn signed_headers(
    url: &Url,
    action: &str,
    now: DateTime<Utc>,
    nonce: &str,
) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("host", vendor::host_of(url)),
        ("x-acs-action", action.to_owned()),
        ("x-acs-content-sha256", sha256_hex("")),
        ("x-acs-date", now.to_rfc3339_opts(SecondsFormat::Secs, true)),
        ("x-acs-signature-nonce", nonce.to_owned()),
        ("x-acs-version", "2017-05-25".to_owned()),
    ])
}

pub(super) fn canonical_request(
    path: &str,
    query: &str,
    signed: &BTreeMap<&str, String>,
) -> String {
    let lines: Vec<_> = signed.iter().map(|(name, value)| format!("{name}:{value}")).collect();
    let (lines, names, hash) = (lines.join("\n"), names(signed), sha256_hex(""));
    format!("POST\n{path}\n{query}\n{lines}\n\n{names}\n{hash}")
}

pub(super) fn string_to_sign(canonical: &str) -> String {
    format!("ACS3-HMAC-SHA256\n{}", sha256_hex(canonical))
}

pub(super) fn authorization(
    settings: &Settings,
    signed: &BTreeMap<&str, String>,
    canonical: &str,
) -> String {
    let Settings { access_key_id, access_key_secret, .. } = settings;
    let key = access_key_secret.as_str().as_bytes();
    let signature = hex(&vendor::hmac_sha256(key, &string_to_sign(canonical)));
    let names = names(signed);
    format!(
        "ACS3-HMAC-SHA256 Credential={access_key_id},SignedHeaders={names},Signature={signature}"
    )
}

fn names(signed: &BTreeMap<&str, String>) -> String {
    signed.keys().copied().collect::<Vec<_>>().join(";")
}
