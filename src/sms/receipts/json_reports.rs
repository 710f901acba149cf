//! Reports of vendors that send JSON.

use serde::Deserialize;

use super::Report;
use crate::sms::{Receipt, json};

/// Tencent Cloud, "SMS Sending Status Notification": `sid` is the `SerialNo` of sending.
#[derive(Deserialize)]
struct Tencent {
    #[serde(deserialize_with = "json::text")]
    sid: Option<String>,
    report_status: String,
    #[serde(default, deserialize_with = "json::text")]
    errmsg: Option<String>,
}

/// Aliyun, `SmsReport`, and the same of PNVS, `DypnsSmsVerifyReport`: `biz_id` is the `BizId` of sending.
#[derive(Deserialize)]
struct Aliyun {
    #[serde(deserialize_with = "json::text")]
    biz_id: Option<String>,
    #[serde(deserialize_with = "json::flag")]
    success: bool,
    #[serde(default, deserialize_with = "json::text")]
    err_code: Option<String>,
}

/// Yuntongxun, `SMSArrived` in JSON: `content` is the `smsMessageSid` of sending, `smsType` 1 is a report and 0 a reply
/// of a person, `status` 0 is success.
#[derive(Deserialize)]
struct Yuntongxun {
    #[serde(rename = "Request")]
    request: YuntongxunRequest,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct YuntongxunRequest {
    #[serde(deserialize_with = "json::text")]
    sms_type: Option<String>,
    #[serde(deserialize_with = "json::text")]
    content: Option<String>,
    #[serde(deserialize_with = "json::text")]
    status: Option<String>,
    #[serde(default, deserialize_with = "json::text")]
    deliver_code: Option<String>,
}

/// Volcengine, 短信状态报告回调: `message_id` is the `MessageID` of sending, and the code 0 is success.
#[derive(Deserialize)]
struct Volcengine {
    #[serde(deserialize_with = "json::text")]
    message_id: Option<String>,
    #[serde(deserialize_with = "json::text")]
    status_code: Option<String>,
}

/// Vonage, a delivery receipt as JSON: `messageId` is the `message-id` of sending.
#[derive(Deserialize)]
struct Vonage {
    #[serde(rename = "messageId", deserialize_with = "json::text")]
    message_id: Option<String>,
    status: String,
    #[serde(default, rename = "err-code", deserialize_with = "json::text")]
    code: Option<String>,
}

pub(super) fn tencent(body: &[u8]) -> Option<Report> {
    let reports: Vec<Tencent> = serde_json::from_slice(body).ok()?;
    let receipts = reports.into_iter().filter_map(|report| {
        let was_delivered = report.report_status == "SUCCESS";
        Some(Receipt {
            message_id: report.sid?,
            was_delivered,
            code: report.errmsg.unwrap_or_default(),
        })
    });
    let acknowledgement = r#"{"result":0,"errmsg":"OK"}"#;
    Some(Report { receipts: receipts.collect(), acknowledgement })
}

pub(super) fn aliyun(body: &[u8]) -> Option<Report> {
    let reports: Vec<Aliyun> = serde_json::from_slice(body).ok()?;
    let receipts = reports.into_iter().filter_map(|report| {
        let code = report.err_code.unwrap_or_default();
        Some(Receipt { message_id: report.biz_id?, was_delivered: report.success, code })
    });
    let acknowledgement = r#"{"code":0,"msg":"OK"}"#;
    Some(Report { receipts: receipts.collect(), acknowledgement })
}

pub(super) fn yuntongxun(body: &[u8]) -> Option<Report> {
    let Yuntongxun { request } = serde_json::from_slice(body).ok()?;
    let is_report = request.sms_type.as_deref() == Some("1");
    let was_delivered = request.status.as_deref() == Some("0");
    let code = request.deliver_code.unwrap_or_default();
    let message_id = request.content.filter(|_| is_report);
    let receipt = message_id.map(|message_id| Receipt { message_id, was_delivered, code });
    let receipts = receipt.into_iter().collect();
    Some(Report { receipts, acknowledgement: r#"{"statusCode":"000000"}"# })
}

pub(super) fn volcengine(body: &[u8]) -> Option<Report> {
    let reports: Vec<Volcengine> = serde_json::from_slice(body).ok()?;
    let receipts = reports.into_iter().filter_map(|report| {
        let code = report.status_code?;
        Some(Receipt { message_id: report.message_id?, was_delivered: code == "0", code })
    });
    Some(Report { receipts: receipts.collect(), acknowledgement: r#"{"code":0,"msg":"OK"}"# })
}

/// `accepted`, `buffered` and `unknown` may still become anything.
pub(super) fn vonage(body: &[u8]) -> Option<Report> {
    let Vonage { message_id, status, code } = serde_json::from_slice(body).ok()?;
    let is_final = ["delivered", "expired", "failed", "rejected"].contains(&status.as_str());
    let receipt = message_id.filter(|_| is_final).map(|message_id| Receipt {
        message_id,
        was_delivered: status == "delivered",
        code: code.unwrap_or_default(),
    });
    Some(Report { receipts: receipt.into_iter().collect(), acknowledgement: "" })
}
