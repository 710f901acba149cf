//! Volcengine 火山引擎 SMS, `SendSms` of volcSMS 2020-01-01, signed with its HMAC-SHA256.
//!
//! Facts from the vendor's documentation and SDK.

mod answers;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use reqwest::{Client, Url};
use serde_json::{Map, Value, json};

use super::{
    ClassifiedAnswer, CodeMessage, CredentialCheck, Secret, SmsProvider, Templates,
    template::FilledTemplate, vendor, vendor::SignedRequest,
};
use crate::domain::{
    hex::{hex, sha256_hex},
    sms_message::SmsMessage,
};

const NAME: &str = "volcengine";

const CONTENT_TYPE: &str = "application/json";
/// The only region of the service in the SDK.
const REGION: &str = "cn-north-1";
const SERVICE: &str = "volcSMS";
const SEND: &str = "Action=SendSms&Version=2020-01-01";
pub(super) const LIST_GROUPS: &str =
    "Action=GetSubAccountList&Version=2021-01-11&pageIndex=1&pageSize=1";

/// The settings of a Volcengine account.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `SMS_VOLCENGINE_BASE_URL`.
    pub base_url: Url,
    /// `SMS_VOLCENGINE_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `SMS_VOLCENGINE_SECRET_ACCESS_KEY`.
    pub secret_access_key: Secret,
    /// `SMS_VOLCENGINE_SMS_ACCOUNT`: the id of the message group 消息组.
    pub sms_account: String,
    /// `SMS_VOLCENGINE_SIGN_NAME`.
    pub sign_name: String,
    /// `SMS_VOLCENGINE_TEMPLATE_ID`, `…_NOTICE_TEMPLATE_ID` and `…_TEMPLATE_PARAMS`. The variables have the names of the
    /// parameters.
    pub templates: Templates,
}

/// Sends through Volcengine.
pub struct Volcengine {
    client: Client,
    settings: Settings,
}

impl Volcengine {
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
impl SmsProvider for Volcengine {
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
        let request = signed(&self.settings, ("GET", LIST_GROUPS), String::new(), Utc::now());
        vendor::check_credentials(request.get(&self.client), answers::classify_check).await
    }
}

/// Builds the signed request that sends a message.
pub(super) fn request(
    settings: &Settings,
    filled: &FilledTemplate<'_>,
    now: DateTime<Utc>,
) -> SignedRequest {
    let pair = |(name, value): &(&str, String)| ((*name).to_owned(), json!(value));
    let template_param: Map<_, _> = filled.values.iter().map(pair).collect();
    let body = json!({
        // Numbers of other countries go without the plus.
        "PhoneNumbers": filled.mobile.as_str().trim_start_matches('+'),
        "Sign": settings.sign_name,
        "SmsAccount": settings.sms_account,
        // Receipts return this id.
        "Tag": filled.id,
        "TemplateID": filled.template,
        "TemplateParam": Value::Object(template_param).to_string(),
    });
    signed(settings, ("POST", SEND), body.to_string(), now)
}

/// Signs a request. The query is in the order and the encoding in which it is signed.
pub(super) fn signed(
    settings: &Settings,
    (method, query): (&str, &str),
    body: String,
    now: DateTime<Utc>,
) -> SignedRequest {
    let mut url = settings.base_url.clone();
    url.set_query(Some(query));
    let date = now.format("%Y%m%dT%H%M%SZ").to_string();
    let content_hash = sha256_hex(&body);
    let mut headers = vec![("x-content-sha256", content_hash), ("x-date", date)];
    if method == "POST" {
        headers.insert(0, ("content-type", CONTENT_TYPE.to_owned()));
    }
    let authorization = authorization(settings, (method, &url), &headers, now);
    headers.push(("accept", "application/json".to_owned()));
    headers.push(("authorization", authorization));
    SignedRequest { url, headers, body }
}

fn authorization(
    settings: &Settings,
    (method, url): (&str, &Url),
    headers: &[(&'static str, String)],
    now: DateTime<Utc>,
) -> String {
    let host = vendor::host_of(url);
    let mut signed: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    signed.push(("host", &host));
    signed.sort_unstable();
    let lines: Vec<_> = signed.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let lines = lines.concat();
    let names = signed.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let value_of = |wanted: &str| {
        signed.iter().find(|(name, _)| *name == wanted).map_or("", |(_, value)| *value)
    };
    let (path, query) = (url.path(), url.query().unwrap_or_default());
    let content_hash = value_of("x-content-sha256");
    let canonical = format!("{method}\n{path}\n{query}\n{lines}\n{names}\n{content_hash}");
    let day = now.format("%Y%m%d").to_string();
    let scope = format!("{day}/{REGION}/{SERVICE}/request");
    let (date, hash) = (value_of("x-date"), sha256_hex(&canonical));
    let to_sign = format!("HMAC-SHA256\n{date}\n{scope}\n{hash}");
    let secret = settings.secret_access_key.as_str().as_bytes();
    let key = [day.as_str(), REGION, SERVICE, "request"]
        .iter()
        .fold(secret.to_vec(), |key, part| vendor::hmac_sha256(&key, part));
    let signature = hex(&vendor::hmac_sha256(&key, &to_sign));
    let id = &settings.access_key_id;
    format!("HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}")
}
