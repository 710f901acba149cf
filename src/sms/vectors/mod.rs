//! Compares our requests byte by byte with `vectors.json`, which the vendors' own SDKs computed, the newer ones by
//! `vectors.py`.
//!
//! Aliyun's older signature (`aliyun_v1_…`) is not used here. The webhook's vectors are tested in its file.

mod abroad;
mod chinese;
mod newer;
mod reports;

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::Value;

use super::{CodeMessage, Secret, TemplateParam, Templates, vendor::SignedRequest};
use crate::domain::{
    by_language::ByLanguage,
    language::Language,
    mobile::Mobile,
    purpose::Purpose,
    sms_code::SmsCode,
    sms_message::{MessageId, SmsMessage, SmsPurpose},
};

fn vectors(name: &str) -> Vec<Value> {
    let all: Vec<Value> = serde_json::from_str(include_str!("vectors.json")).unwrap();
    let mut of_name = all;
    of_name.retain(|vector| text(vector, "/name").starts_with(name));
    assert!(!of_name.is_empty(), "no vector is called {name}");
    of_name
}

fn text<'a>(vector: &'a Value, pointer: &str) -> &'a str {
    vector.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn secret(vector: &Value, pointer: &str) -> Secret {
    Secret::parse(text(vector, pointer)).unwrap()
}

fn message(id: &str, code: &str) -> CodeMessage {
    let sms = SmsMessage {
        id: MessageId::new(id),
        mobile: Mobile::parse("13800138000").unwrap(),
        language: Language::Chinese,
        purpose: SmsPurpose::Code(Purpose::Register),
    };
    let text = format!("验证码 {code}，5 分钟内有效，请勿告诉他人。");
    CodeMessage { sms, code: SmsCode::parse(code).unwrap(), ttl: Duration::from_mins(5), text }
}

fn templates(code: &str, params: &[TemplateParam]) -> Templates {
    Templates {
        code: code.to_owned(),
        by_language: ByLanguage::default(),
        params: params.to_vec(),
        notice: None,
    }
}

fn header<'a>(request: &'a SignedRequest, name: &str) -> &'a str {
    &request.headers.iter().find(|header| header.0 == name).unwrap().1
}

/// Reads a time like `20240101T190405Z`.
fn compact_time(text: &str) -> DateTime<Utc> {
    NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ").unwrap().and_utc()
}
