//! What vendors tell after the fact: whether a message reached the phone.

use std::fmt;

use serde::Deserialize;
use subtle::ConstantTimeEq as _;

/// The secret part of the address where vendors report: they sign nothing.
#[derive(Clone)]
pub struct ReceiptsSecret(String);

impl ReceiptsSecret {
    /// Takes at least 24 letters and digits.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() >= 24 && text.bytes().all(|it| it.is_ascii_alphanumeric());
        fits.then(|| Self(text.to_owned()))
    }

    /// Whether this is it; the answer takes the same time either way.
    pub fn is(&self, text: &str) -> bool {
        self.0.as_bytes().ct_eq(text.as_bytes()).into()
    }
}

impl fmt::Debug for ReceiptsSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// One message's fate, as its vendor reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The vendor's name for the message, as its answer to sending gave it.
    pub message_id: String,
    /// Whether it reached the phone.
    pub was_delivered: bool,
    /// The carrier's own word: `DELIVRD`, `MK:0001`, …
    pub code: String,
}

/// A vendor's report and the answer it waits for; without that it reports again and again.
#[derive(Debug)]
pub struct Report {
    /// The receipts in it.
    pub receipts: Vec<Receipt>,
    /// JSON.
    pub acknowledgement: &'static str,
}

/// Tencent Cloud, "SMS Sending Status Notification": `sid` is the `SerialNo` of sending.
#[derive(Deserialize)]
struct Tencent {
    sid: String,
    report_status: String,
    errmsg: String,
}

/// Aliyun, "SmsReport": `biz_id` is the `BizId` of sending.
#[derive(Deserialize)]
struct Aliyun {
    biz_id: String,
    success: bool,
    err_code: String,
}

/// Yuntongxun, `SMSArrived` in JSON: `content` is the `smsMessageSid` of sending, `smsType` 1 a report
/// (0 is somebody's reply), `status` 0 a success.
#[derive(Deserialize)]
struct Yuntongxun {
    #[serde(rename = "Request")]
    request: YuntongxunRequest,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct YuntongxunRequest {
    sms_type: String,
    content: String,
    status: String,
    #[serde(default)]
    deliver_code: String,
}

/// Reads what a vendor posts; `None` for a vendor that has no receipts here, or a body not of its form.
pub fn read(provider: &str, body: &[u8]) -> Option<Report> {
    match provider {
        "tencent" => {
            let reports: Vec<Tencent> = serde_json::from_slice(body).ok()?;
            let receipts = reports.into_iter().map(|it| Receipt {
                message_id: it.sid,
                was_delivered: it.report_status == "SUCCESS",
                code: it.errmsg,
            });
            let acknowledgement = r#"{"result":0,"errmsg":"OK"}"#;
            Some(Report { receipts: receipts.collect(), acknowledgement })
        }
        "aliyun" => {
            let reports: Vec<Aliyun> = serde_json::from_slice(body).ok()?;
            let receipts = reports.into_iter().map(|it| Receipt {
                message_id: it.biz_id,
                was_delivered: it.success,
                code: it.err_code,
            });
            let acknowledgement = r#"{"code":0,"msg":"OK"}"#;
            Some(Report { receipts: receipts.collect(), acknowledgement })
        }
        "yuntongxun" => {
            let Yuntongxun { request } = serde_json::from_slice(body).ok()?;
            let receipt = Receipt {
                message_id: request.content,
                was_delivered: request.status == "0",
                code: request.deliver_code,
            };
            let receipts = if request.sms_type == "1" { vec![receipt] } else { Vec::new() };
            Some(Report { receipts, acknowledgement: r#"{"statusCode":"000000"}"# })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipts(provider: &str, body: &str) -> Vec<(String, bool, String)> {
        let report = read(provider, body.as_bytes()).unwrap();
        report.receipts.into_iter().map(|it| (it.message_id, it.was_delivered, it.code)).collect()
    }

    #[test]
    fn each_vendors_own_sample_is_read() {
        let tencent = r#"[{"user_receive_time":"2015-10-17 08:03:04","nationcode":"86","mobile":"13xxxxxxxxx",
            "report_status":"SUCCESS","errmsg":"DELIVRD","description":"ok","sid":"s1"}]"#;
        let aliyun = r#"[{"phone_number":"1381111****","send_time":"2017-01-01 00:00:00",
            "report_time":"2017-01-01 00:00:00","success":false,"err_code":"MOBILE_NOT_ON_SERVICE",
            "err_msg":"","sms_size":"1","biz_id":"b1","out_id":""}]"#;
        let yuntongxun = r#"{"Request":{"action":"SMSArrived","smsType":"1","apiVersion":"2013-12-26",
            "content":"y1","fromNum":"13912345678","dateSent":"20130923010000","deliverCode":"DELIVRD",
            "recvTime":"20130923010010","status":"0","reqId":"123","smsCount":"2"}}"#;
        let own = |id: &str, was: bool, code: &str| vec![(id.to_owned(), was, code.to_owned())];

        assert_eq!(receipts("tencent", tencent), own("s1", true, "DELIVRD"));
        assert_eq!(receipts("aliyun", aliyun), own("b1", false, "MOBILE_NOT_ON_SERVICE"));
        assert_eq!(receipts("yuntongxun", yuntongxun), own("y1", true, "DELIVRD"));
    }

    #[test]
    fn a_reply_of_a_person_is_no_receipt() {
        let reply = r#"{"Request":{"smsType":"0","content":"hello","status":"0"}}"#;

        assert_eq!(receipts("yuntongxun", reply), []);
    }

    #[test]
    fn anything_else_is_nothing() {
        assert!(read("twilio", b"[]").is_none());
        assert!(read("tencent", b"{").is_none());
        assert!(read("aliyun", br#"[{"biz_id":1}]"#).is_none());
    }
}
