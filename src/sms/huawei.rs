//! Huawei Cloud Message&SMS, `batchSendSms`, signed with SDK-HMAC-SHA256.
//!
//! Facts from the vendor's documentation and SDK. Like the SDK, this signs the headers and not the body, which the
//! vendor calls an unsigned payload: TLS alone protects it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use reqwest::{Client, StatusCode, Url};
use serde::Deserialize;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{
    AnswerClass, ClassifiedAnswer, CodeMessage, Secret, SmsProvider, Templates, json,
    template::FilledTemplate, vendor, vendor::SignedRequest,
};
use crate::domain::{
    hex::{hex, sha256_hex},
    sms_message::SmsMessage,
};

const NAME: &str = "huawei";

const CONTENT_TYPE: &str = "application/x-www-form-urlencoded";
const PAYLOAD: &str = "UNSIGNED-PAYLOAD";
/// The header with the hash of the body, or with a word instead.
pub(super) const HASH_HEADER: &str = "x-sdk-content-sha256";
/// The headers that are signed, in the order of their names.
const SIGNED_HEADERS: &str = "content-type;host;x-sdk-content-sha256;x-sdk-date";

/// The settings of an application at Huawei Cloud.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `SMS_HUAWEI_BASE_URL`.
    pub base_url: Url,
    /// `SMS_HUAWEI_APP_KEY`.
    pub app_key: String,
    /// `SMS_HUAWEI_APP_SECRET`.
    pub app_secret: Secret,
    /// `SMS_HUAWEI_SENDER`: the number of the channel that belongs to the approved signature.
    pub sender: String,
    /// `SMS_HUAWEI_SIGN_NAME`, which only templates for any signature need.
    pub sign_name: Option<String>,
    /// `SMS_HUAWEI_TEMPLATE_ID`, `…_NOTICE_TEMPLATE_ID` and `…_TEMPLATE_PARAMS`.
    pub templates: Templates,
    /// `SMS_HUAWEI_SIGNED_RECEIPTS`: whether the operator has let the vendor sign its reports.
    pub signs_receipts: bool,
    /// The address for receipts, which contains a secret. The vendor is told with every message.
    pub callback: Option<Secret>,
}

/// Sends through Huawei Cloud.
pub struct Huawei {
    client: Client,
    settings: Settings,
}

impl Huawei {
    /// Uses an application.
    pub fn new(client: Client, settings: Settings) -> Self {
        Self { client, settings }
    }

    async fn post(&self, filled: &FilledTemplate<'_>) -> ClassifiedAnswer {
        let request = request(&self.settings, filled, Utc::now());
        vendor::send(request.post(&self.client), classify).await
    }
}

#[async_trait]
impl SmsProvider for Huawei {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn send(&self, message: &CodeMessage) -> ClassifiedAnswer {
        self.post(&self.settings.templates.fill_code(message)).await
    }

    async fn notify(&self, notice: &SmsMessage, _: &str) -> Option<ClassifiedAnswer> {
        Some(self.post(&self.settings.templates.fill_notice(notice)?).await)
    }
}

/// Builds the signed request that sends a message.
pub(super) fn request(
    settings: &Settings,
    filled: &FilledTemplate<'_>,
    now: DateTime<Utc>,
) -> SignedRequest {
    let url = vendor::append_path(&settings.base_url, "/sms/batchSendSms/v1");
    let date = now.format("%Y%m%dT%H%M%SZ").to_string();
    let host = vendor::host_of(&url);
    let lines = format!(
        "content-type:{CONTENT_TYPE}\nhost:{host}\nx-sdk-content-sha256:{PAYLOAD}\nx-sdk-date:{date}\n"
    );
    let path = url.path();
    let canonical = format!("POST\n{path}/\n\n{lines}\n{SIGNED_HEADERS}\n{PAYLOAD}");
    let secret = settings.app_secret.as_str().as_bytes();
    let signature = hex(&vendor::hmac_sha256(secret, &string_to_sign(&date, &canonical)));
    let app_key = &settings.app_key;
    let authorization = format!(
        "SDK-HMAC-SHA256 Access={app_key}, SignedHeaders={SIGNED_HEADERS}, Signature={signature}"
    );
    SignedRequest {
        url,
        headers: vec![
            ("accept", "application/json".to_owned()),
            ("content-type", CONTENT_TYPE.to_owned()),
            (HASH_HEADER, PAYLOAD.to_owned()),
            ("x-sdk-date", date),
            ("authorization", authorization),
        ],
        body: form(settings, filled),
    }
}

/// Returns what is signed of a canonical request at a date.
pub(super) fn string_to_sign(date: &str, canonical: &str) -> String {
    format!("SDK-HMAC-SHA256\n{date}\n{}", sha256_hex(canonical))
}

/// Builds the body. The values are strings in JSON in one field: a number would lose its leading zeros.
fn form(settings: &Settings, filled: &FilledTemplate<'_>) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("from", &settings.sender)
        .append_pair("to", &filled.mobile.e164())
        .append_pair("templateId", filled.template);
    if !filled.values.is_empty() {
        let values: Vec<_> = filled.values.iter().map(|(_, value)| json!(value)).collect();
        form.append_pair("templateParas", &Value::Array(values).to_string());
    }
    if let Some(callback) = &settings.callback {
        form.append_pair("statusCallback", callback.as_str());
    }
    if let Some(sign_name) = &settings.sign_name {
        form.append_pair("signature", sign_name);
    }
    form.finish()
}

#[derive(Deserialize)]
struct Answer {
    #[serde(deserialize_with = "json::text")]
    code: Option<String>,
    #[serde(default)]
    result: Option<Vec<One>>,
}

/// The result for one number.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct One {
    #[serde(default, deserialize_with = "json::text")]
    sms_msg_id: Option<String>,
    #[serde(default, deserialize_with = "json::text")]
    status: Option<String>,
}

/// There is a code of the whole request and one of the number. `E000510` and success leave the word to the second.
fn classify(status: StatusCode, body: &[u8]) -> ClassifiedAnswer {
    let Ok(Answer { code: Some(code), result }) = serde_json::from_slice(body) else {
        return vendor::classify_status(status);
    };
    let one = result.unwrap_or_default().into_iter().next();
    let message_id = one.as_ref().and_then(|one| vendor::safe_token(one.sms_msg_id.as_deref()?));
    let of_number = one.and_then(|one| one.status);
    let code = match of_number {
        Some(of_number) if matches!(code.as_str(), SUCCESS | FAILED) => of_number,
        Some(_) | None => code,
    };
    // Success without a message may be anything.
    if code == SUCCESS && message_id.is_none() {
        return ClassifiedAnswer::new(AnswerClass::Unknown, code);
    }
    let is_refusal = status.is_client_error() || code.starts_with('E');
    let otherwise = if is_refusal { AnswerClass::Busy } else { AnswerClass::Unknown };
    let classified = vendor::classify_code(NAME, status, &code, class_of(&code), otherwise);
    ClassifiedAnswer { message_id, ..classified }
}

const SUCCESS: &str = "000000";
/// The code of a request in which the message to the number failed.
const FAILED: &str = "E000510";

fn class_of(code: &str) -> Option<AnswerClass> {
    Some(match code {
        SUCCESS => AnswerClass::Sent,
        "MILIMIT" | "LIMIT" => AnswerClass::TooFrequent,
        // 112: the account is frozen, mostly because it is in arrears. 629: the package is used up.
        "E000112" | "E000629" => AnswerClass::Balance,
        // 15: too many messages at once.
        FAILED | "E200015" => AnswerClass::Busy,
        // 503: a parameter. 620: our address is not admitted. 623: a limit of the account. 628: the country is not.
        // 200018 to 27: the channel does not fit sender, signature or recipient. 28 to 33: the template does not fit.
        "E000503" | "E000620" | "E000623" | "E000628" | "E200018" | "E200019" | "E200020"
        | "E200021" | "E200022" | "E200023" | "E200024" | "E200025" | "E200026" | "E200027"
        | "E200028" | "E200029" | "E200030" | "E200031" | "E200032" | "E200033" => {
            AnswerClass::Config
        }
        // 000: the request cannot be read, which is a wrong template or list of variables. 001 to 045: its head.
        // 101 to 111: key, secret, clock or rights.
        _ if code.starts_with("E0000") || code.starts_with("E0001") => AnswerClass::Config,
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
    fn success_has_a_message_with_an_id() {
        let body = r#"{"code":"000000","description":"Success","result":[{"originTo":"+8618612345678",
            "createTime":"2018-08-06T11:59:50Z","from":"1069031221280000001",
            "smsMsgId":"4b4b34e7-1a9e-42ac-b309-d10997148905_85496076","status":"000000"}]}"#;

        let classified = classify(StatusCode::OK, body.as_bytes());

        assert_eq!(classified.class, AnswerClass::Sent);
        let id = "4b4b34e7-1a9e-42ac-b309-d10997148905_85496076";
        assert_eq!(classified.message_id.as_deref(), Some(id));
        for body in [r#"{"code":"000000"}"#, r#"{"code":"000000","result":[]}"#] {
            assert_eq!(judged(200, body).0, AnswerClass::Unknown, "{body}");
        }
    }

    #[test]
    fn the_code_of_the_number_says_more_than_that_of_the_request() {
        for (code, status, class) in [
            ("E000510", "E200028", AnswerClass::Config),
            ("E000510", "E200015", AnswerClass::Busy),
            ("E000510", "MILIMIT", AnswerClass::TooFrequent),
            ("000000", "E200030", AnswerClass::Config),
        ] {
            let body =
                format!(r#"{{"code":"{code}","result":[{{"smsMsgId":"x","status":"{status}"}}]}}"#);
            assert_eq!(judged(200, &body), (class, status.to_owned()));
        }
    }

    #[test]
    fn codes_decide_the_outcome() {
        for (status, code, class) in [
            (400, "E000000", AnswerClass::Config),
            (401, "E000001", AnswerClass::Config),
            (401, "E000104", AnswerClass::Config),
            (401, "E000112", AnswerClass::Balance),
            (403, "E000620", AnswerClass::Config),
            (400, "E000510", AnswerClass::Busy),
            (400, "E999999", AnswerClass::Busy),
            (500, "E999999", AnswerClass::Unknown),
        ] {
            let body = format!(r#"{{"code":"{code}","description":"x"}}"#);
            assert_eq!(judged(status, &body), (class, code.to_owned()));
        }
        for (status, class) in [(200, AnswerClass::Unknown), (404, AnswerClass::Config)] {
            assert_eq!(judged(status, "<html>").0, class);
        }
    }
}
