//! The signatures of reports.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::Url;
use ring::hmac;
use serde_json::Value;
use url::form_urlencoded;

use crate::{
    domain::hex::{decode_hex, sha256_hex},
    sms::{Secret, huawei, vendor},
};

/// The vendor whose reports are signed without being asked to. One that cannot be verified is refused.
pub(super) const ALWAYS_SIGNS: &str = "twilio";

/// A report before anything in it is believed.
pub struct ReportRequest<'a> {
    /// Returns a header by its name in lower case.
    pub header: &'a dyn Fn(&str) -> Option<String>,
    /// The body as received.
    pub body: &'a [u8],
}

/// How a vendor signs, and the secret that it shares with us.
#[derive(Clone, Debug)]
pub enum Signature {
    /// `X-Twilio-Signature`: the base64 of an HMAC-SHA1 of the address and the sorted form.
    Twilio {
        /// The account's Auth Token; no API key will do.
        auth_token: Secret,
        /// The address as Twilio was told.
        address: Secret,
    },
    /// `sig` among the values: an HMAC-SHA256 or HMAC-SHA512 of the others, sorted.
    Vonage {
        /// `SMS_VONAGE_SIGNATURE_SECRET`.
        secret: Secret,
    },
    /// `Authorization: SDK-HMAC-SHA256 …`, as we sign for the vendor.
    Huawei {
        /// `SMS_HUAWEI_APP_KEY`.
        app_key: String,
        /// `SMS_HUAWEI_APP_SECRET`.
        app_secret: Secret,
        /// The address as Huawei was told.
        address: Secret,
    },
}

impl Signature {
    pub(super) fn provider(&self) -> &'static str {
        match self {
            Self::Twilio { .. } => "twilio",
            Self::Vonage { .. } => "vonage",
            Self::Huawei { .. } => "huawei",
        }
    }

    /// Returns whether the report is signed with the secret, in constant time.
    pub(super) fn is_of(&self, request: &ReportRequest<'_>) -> bool {
        let checked = match self {
            Self::Twilio { auth_token, address } => twilio(auth_token, address, request),
            Self::Vonage { secret } => vonage(secret, request.body),
            Self::Huawei { app_key, app_secret, address } => {
                huawei_report(app_key, app_secret, address, request)
            }
        };
        checked.unwrap_or(false)
    }
}

fn is_mac(algorithm: hmac::Algorithm, secret: &Secret, text: &str, mac: &[u8]) -> bool {
    let key = hmac::Key::new(algorithm, secret.as_str().as_bytes());
    hmac::verify(&key, text.as_bytes(), mac).is_ok()
}

fn twilio(auth_token: &Secret, address: &Secret, request: &ReportRequest<'_>) -> Option<bool> {
    let mac = BASE64_STANDARD.decode((request.header)("x-twilio-signature")?).ok()?;
    let pairs: BTreeSet<(String, String)> =
        form_urlencoded::parse(request.body).into_owned().collect();
    let pairs = pairs.into_iter().map(|(name, value)| name + &value);
    let text: String = [address.as_str().to_owned()].into_iter().chain(pairs).collect();
    Some(is_mac(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, auth_token, &text, &mac))
}

fn vonage(secret: &Secret, body: &[u8]) -> Option<bool> {
    let mut values: BTreeMap<String, Value> = serde_json::from_slice(body).ok()?;
    let mac = decode_hex(values.remove("sig")?.as_str()?)?;
    let text: String = values
        .iter()
        .map(|(name, value)| match value {
            Value::String(text) => format!("&{name}={}", text.replace(['&', '='], "_")),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => format!("&{name}={value}"),
        })
        .collect();
    // An account may choose between four. Those with MD5 and SHA-1 are not accepted.
    let algorithm = match mac.len() {
        32 => hmac::HMAC_SHA256,
        64 => hmac::HMAC_SHA512,
        _ => return None,
    };
    Some(is_mac(algorithm, secret, &text, &mac))
}

/// Recomputes the signature over the headers that the report names. Without a hash of its body among them, the body that
/// was received is hashed.
fn huawei_report(
    app_key: &str,
    app_secret: &Secret,
    address: &Secret,
    request: &ReportRequest<'_>,
) -> Option<bool> {
    let authorization = (request.header)("authorization")?;
    let parts = authorization.strip_prefix("SDK-HMAC-SHA256 ")?;
    let part = |name: &str| parts.split(',').find_map(|part| part.trim().strip_prefix(name));
    let (key, names, mac) = (part("Access=")?, part("SignedHeaders=")?, part("Signature=")?);
    let url = Url::parse(address.as_str()).ok()?;
    let value = |name: &str| match name {
        "host" => Some(vendor::host_of(&url)),
        _ => (request.header)(name),
    };
    let lines: Option<String> =
        names.split(';').map(|name| Some(format!("{name}:{}\n", value(name)?.trim()))).collect();
    let hash = match value(huawei::HASH_HEADER) {
        Some(hash) if names.split(';').any(|name| name == huawei::HASH_HEADER) => hash,
        Some(_) | None => sha256_hex(std::str::from_utf8(request.body).ok()?),
    };
    let (path, lines, date) = (url.path(), lines?, value("x-sdk-date")?);
    let canonical = format!("POST\n{path}/\n\n{lines}\n{names}\n{hash}");
    let to_sign = huawei::string_to_sign(&date, &canonical);
    let is_signed = is_mac(hmac::HMAC_SHA256, app_secret, &to_sign, &decode_hex(mac)?);
    Some(key == app_key && is_signed && names.split(';').any(|name| name == "x-sdk-date"))
}
