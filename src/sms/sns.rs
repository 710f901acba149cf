//! Amazon SNS, `Publish` to a number, signed with AWS4-HMAC-SHA256.
//!
//! Facts from the vendor's documentation and SDK.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use reqwest::{Client, StatusCode, Url};
use url::form_urlencoded;

use super::{
    AnswerClass, ClassifiedAnswer, CodeMessage, CredentialCheck, Secret, SmsProvider, vendor,
    vendor::SignedRequest,
};
use crate::domain::{
    hex::{hex, sha256_hex},
    sms_message::SmsMessage,
};

const NAME: &str = "sns";

/// Longer than for the Chinese providers, because most regions are on other continents.
const TIMEOUT: Duration = Duration::from_secs(8);
const CONTENT_TYPE: &str = "application/x-www-form-urlencoded; charset=utf-8";
/// The headers that are signed, in the order of their names.
const SIGNED_HEADERS: &str = "content-type;host;x-amz-date";
const VERSION: &str = "2010-03-31";
/// The attributes of a message: its kind, for which the carriers' better routes are taken, and the name of the sender.
const KIND: &str = "AWS.SNS.SMS.SMSType";
const SENDER: &str = "AWS.SNS.SMS.SenderID";

/// The settings of an AWS account.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `SMS_SNS_BASE_URL`, which depends on the region.
    pub base_url: Url,
    /// `SMS_SNS_REGION`.
    pub region: String,
    /// `SMS_SNS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `SMS_SNS_SECRET_ACCESS_KEY`.
    pub secret_access_key: Secret,
    /// `SMS_SNS_SENDER_ID`: the name of the sender, where the country admits one.
    pub sender_id: Option<String>,
}

/// Sends through Amazon SNS.
pub struct Sns {
    client: Client,
    settings: Settings,
}

impl Sns {
    /// Uses an account.
    pub fn new(client: Client, settings: Settings) -> Self {
        Self { client, settings }
    }

    async fn publish(&self, sms: &SmsMessage, text: &str) -> ClassifiedAnswer {
        let request = request(&self.settings, sms, text, Utc::now());
        vendor::send(request.post(&self.client).timeout(TIMEOUT), classify).await
    }
}

#[async_trait]
impl SmsProvider for Sns {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn send(&self, message: &CodeMessage) -> ClassifiedAnswer {
        self.publish(&message.sms, &message.text).await
    }

    async fn notify(&self, notice: &SmsMessage, text: &str) -> Option<ClassifiedAnswer> {
        Some(self.publish(notice, text).await)
    }

    async fn check(&self) -> Option<CredentialCheck> {
        let body = format!("Action=GetSMSSandboxAccountStatus&Version={VERSION}");
        let request = signed(&self.settings, body, Utc::now());
        let request = request.post(&self.client).timeout(TIMEOUT);
        vendor::check_credentials(request, classify_check).await
    }
}

/// Builds the signed request that sends a text. SNS has no life for a message.
pub(super) fn request(
    settings: &Settings,
    sms: &SmsMessage,
    text: &str,
    now: DateTime<Utc>,
) -> SignedRequest {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", "Publish")
        .append_pair("Version", VERSION)
        .append_pair("PhoneNumber", &sms.mobile.e164())
        .append_pair("Message", text);
    let sender = settings.sender_id.as_deref().map(|sender| (SENDER, sender));
    for (nth, (name, value)) in (1..).zip([(KIND, "Transactional")].into_iter().chain(sender)) {
        let entry = format!("MessageAttributes.entry.{nth}");
        form.append_pair(&format!("{entry}.Name"), name)
            .append_pair(&format!("{entry}.Value.DataType"), "String")
            .append_pair(&format!("{entry}.Value.StringValue"), value);
    }
    signed(settings, form.finish(), now)
}

fn signed(settings: &Settings, body: String, now: DateTime<Utc>) -> SignedRequest {
    let (date, day) = (now.format("%Y%m%dT%H%M%SZ").to_string(), now.format("%Y%m%d").to_string());
    let (url, region) = (settings.base_url.clone(), settings.region.as_str());
    let (path, host) = (url.path(), vendor::host_of(&url));
    let lines = format!("content-type:{CONTENT_TYPE}\nhost:{host}\nx-amz-date:{date}\n");
    let hash = sha256_hex(&body);
    let canonical = format!("POST\n{path}\n\n{lines}\n{SIGNED_HEADERS}\n{hash}");
    let scope = format!("{day}/{region}/sns/aws4_request");
    let hash = sha256_hex(&canonical);
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{hash}");
    let secret = format!("AWS4{}", settings.secret_access_key.as_str());
    let key = [day.as_str(), region, "sns", "aws4_request"]
        .iter()
        .fold(secret.into_bytes(), |key, part| vendor::hmac_sha256(&key, part));
    let signature = hex(&vendor::hmac_sha256(&key, &to_sign));
    let id = &settings.access_key_id;
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={SIGNED_HEADERS}, Signature={signature}"
    );
    SignedRequest {
        url,
        headers: vec![
            ("content-type", CONTENT_TYPE.to_owned()),
            ("x-amz-date", date),
            ("authorization", authorization),
        ],
        body,
    }
}

/// Returns the text of the first element with this name. The answers are XML of a few flat elements, whose values need no
/// unescaping: ids, codes and booleans.
fn element<'a>(body: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = body.split_once(&format!("<{name}>"))?;
    Some(after.split_once(&format!("</{name}>"))?.0.trim())
}

/// Success is 200 with the id of the message. An error has a code.
fn classify(status: StatusCode, body: &[u8]) -> ClassifiedAnswer {
    let body = String::from_utf8_lossy(body);
    if let Some(code) = element(&body, "Code") {
        let otherwise =
            if status.is_client_error() { AnswerClass::Busy } else { AnswerClass::Unknown };
        return vendor::classify_code(NAME, status, code, class_of(code), otherwise);
    }
    match element(&body, "MessageId").and_then(vendor::safe_token) {
        Some(id) if status == StatusCode::OK => ClassifiedAnswer {
            message_id: Some(id),
            ..ClassifiedAnswer::new(AnswerClass::Sent, "200")
        },
        Some(_) | None => vendor::classify_status(status),
    }
}

fn class_of(code: &str) -> Option<AnswerClass> {
    Some(match code {
        "OptedOut" | "UserError" => AnswerClass::BadNumber,
        "InvalidParameter"
        | "ParameterValueInvalid"
        | "ValidationException"
        | "ValidationError"
        | "AuthorizationError"
        | "InvalidSecurity"
        | "AccessDenied"
        | "AccessDeniedException"
        | "InvalidClientTokenId"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "MissingAuthenticationToken"
        | "ExpiredToken"
        | "RequestExpired"
        | "OptInRequired"
        | "NotFound"
        | "InvalidAction" => AnswerClass::Config,
        "Throttled" | "Throttling" | "ThrottlingException" | "ServiceUnavailable" => {
            AnswerClass::Busy
        }
        "InternalError" | "InternalFailure" => AnswerClass::Unknown,
        _ => return None,
    })
}

/// A key that may only publish is accepted: the signature is checked before the rights. An account in the sandbox sends
/// only to numbers that it has verified.
fn classify_check(status: StatusCode, body: &[u8]) -> ClassifiedAnswer {
    let text = String::from_utf8_lossy(body);
    match element(&text, "IsInSandbox") {
        Some("false") if status.is_success() => ClassifiedAnswer::new(AnswerClass::Sent, ""),
        Some(_) if status.is_success() => ClassifiedAnswer::new(AnswerClass::Config, "sandbox"),
        Some(_) | None => {
            let classified = classify(status, body);
            let may_not_look = ["AuthorizationError", "AccessDenied", "AccessDeniedException"];
            if may_not_look.contains(&classified.detail.as_str()) {
                return ClassifiedAnswer { class: AnswerClass::Sent, ..classified };
            }
            classified
        }
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
    fn success_has_the_id_of_the_message() {
        let body = r#"<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
            <PublishResult><MessageId>94f20ce6-13c5-43a0-9a9e-ca52d816e90b</MessageId></PublishResult>
            <ResponseMetadata><RequestId>f187a3c1</RequestId></ResponseMetadata></PublishResponse>"#;

        let classified = classify(StatusCode::OK, body.as_bytes());

        assert_eq!(classified.class, AnswerClass::Sent);
        let id = "94f20ce6-13c5-43a0-9a9e-ca52d816e90b";
        assert_eq!(classified.message_id.as_deref(), Some(id));
        assert_eq!(judged(200, "<MessageId>").0, AnswerClass::Unknown);
    }

    #[test]
    fn every_code_has_an_outcome() {
        for (status, code, class) in [
            (400, "InvalidParameter", AnswerClass::Config),
            (403, "SignatureDoesNotMatch", AnswerClass::Config),
            (403, "InvalidClientTokenId", AnswerClass::Config),
            (400, "OptedOut", AnswerClass::BadNumber),
            (400, "Throttling", AnswerClass::Busy),
            (400, "New", AnswerClass::Busy),
            (500, "InternalError", AnswerClass::Unknown),
            (503, "ServiceUnavailable", AnswerClass::Busy),
            (500, "New", AnswerClass::Unknown),
        ] {
            let body = format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>+86</Message></Error></ErrorResponse>"
            );
            assert_eq!(judged(status, &body), (class, code.to_owned()));
        }
    }

    #[test]
    fn an_account_in_the_sandbox_is_reported() {
        let with = |status, body: &str| {
            let status = StatusCode::from_u16(status).unwrap();
            let classified = classify_check(status, body.as_bytes());
            (classified.class, classified.detail)
        };

        let sandbox = with(200, "<R><IsInSandbox>true</IsInSandbox></R>");
        let out = with(200, "<R><IsInSandbox>false</IsInSandbox></R>");
        let may_not = with(403, "<E><Code>AuthorizationError</Code></E>");

        assert_eq!(sandbox, (AnswerClass::Config, "sandbox".to_owned()));
        assert_eq!(out, (AnswerClass::Sent, String::new()));
        assert_eq!(may_not, (AnswerClass::Sent, "AuthorizationError".to_owned()));
    }
}
