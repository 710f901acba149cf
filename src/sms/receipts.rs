//! Delivery receipts: vendors report whether a message reached the phone.

use std::fmt;

use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use super::{Receipt, json};

/// The secret part of the URL where vendors report. Their requests are not signed.
#[derive(Clone)]
pub struct ReceiptsSecret(String);

impl ReceiptsSecret {
    /// Accepts 24 ASCII letters and digits or more.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() >= 24 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        fits.then(|| Self(text.to_owned()))
    }

    /// Returns whether the text is the secret, in constant time.
    pub fn matches(&self, text: &str) -> bool {
        self.0.as_bytes().ct_eq(text.as_bytes()).into()
    }
}

impl fmt::Debug for ReceiptsSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A vendor's report and the response it expects. Without that response it sends the report again.
#[derive(Debug)]
pub struct Report {
    /// The receipts in the report.
    pub receipts: Vec<Receipt>,
    /// The JSON body of the response.
    pub acknowledgement: &'static str,
}

/// Tencent Cloud, "SMS Sending Status Notification": `sid` is the `SerialNo` of sending.
#[derive(Deserialize)]
struct Tencent {
    #[serde(deserialize_with = "json::text")]
    sid: Option<String>,
    report_status: String,
    #[serde(default, deserialize_with = "json::text")]
    errmsg: Option<String>,
}

/// Aliyun, "SmsReport", and the same of PNVS, "DypnsSmsVerifyReport": `biz_id` is the `BizId` of sending.
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

/// Reads the body of a report. Returns `None` for a vendor without receipts and for a body of another form.
pub fn parse(provider: &str, body: &[u8]) -> Option<Report> {
    match provider {
        "tencent" => {
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
        "aliyun" | "aliyun_pnvs" => {
            let reports: Vec<Aliyun> = serde_json::from_slice(body).ok()?;
            let receipts = reports.into_iter().filter_map(|report| {
                let code = report.err_code.unwrap_or_default();
                Some(Receipt { message_id: report.biz_id?, was_delivered: report.success, code })
            });
            let acknowledgement = r#"{"code":0,"msg":"OK"}"#;
            Some(Report { receipts: receipts.collect(), acknowledgement })
        }
        "yuntongxun" => {
            let Yuntongxun { request } = serde_json::from_slice(body).ok()?;
            let is_report = request.sms_type.as_deref() == Some("1");
            let was_delivered = request.status.as_deref() == Some("0");
            let code = request.deliver_code.unwrap_or_default();
            let message_id = request.content.filter(|_| is_report);
            let receipt = message_id.map(|message_id| Receipt { message_id, was_delivered, code });
            let receipts = receipt.into_iter().collect();
            Some(Report { receipts, acknowledgement: r#"{"statusCode":"000000"}"# })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipts(provider: &str, body: &str) -> Vec<(String, bool, String)> {
        let report = parse(provider, body.as_bytes()).unwrap();
        report
            .receipts
            .into_iter()
            .map(|receipt| (receipt.message_id, receipt.was_delivered, receipt.code))
            .collect()
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
    fn ids_and_codes_may_be_numbers() {
        let tencent = r#"[{"report_status":"SUCCESS","errmsg":0,"sid":5000}]"#;
        let aliyun = r#"[{"success":"false","err_code":13,"biz_id":900619746936498440},{"success":true,"biz_id":"b2"}]"#;
        let yuntongxun =
            r#"{"Request":{"smsType":1,"content":7,"status":0,"deliverCode":"DELIVRD"}}"#;
        let own = |id: &str, was: bool, code: &str| (id.to_owned(), was, code.to_owned());

        assert_eq!(receipts("tencent", tencent), [own("5000", true, "0")]);
        let both = [own("900619746936498440", false, "13"), own("b2", true, "")];
        assert_eq!(receipts("aliyun", aliyun), both);
        assert_eq!(receipts("yuntongxun", yuntongxun), [own("7", true, "DELIVRD")]);
    }

    #[test]
    fn a_reply_of_a_person_is_no_receipt() {
        let reply = r#"{"Request":{"smsType":"0","content":"hello","status":"0"}}"#;

        assert_eq!(receipts("yuntongxun", reply), []);
    }

    #[test]
    fn anything_else_is_no_receipt() {
        assert!(parse("twilio", b"[]").is_none());
        assert!(parse("tencent", b"{").is_none());
        assert!(parse("aliyun", br#"[{"biz_id":1}]"#).is_none());
    }
}
