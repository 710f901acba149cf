//! Delivery receipts: vendors report whether a message reached the phone.

mod forms;
mod json_reports;
mod signature;

use std::fmt;

use reqwest::Url;
use subtle::ConstantTimeEq as _;

pub use self::signature::{ReportRequest, Signature};
use super::{Receipt, Secret, vendor};

/// The secret part of the URL where vendors report. Not all of them sign their requests.
#[derive(Clone)]
pub struct ReceiptsSecret(String);

impl ReceiptsSecret {
    /// Accepts 24 ASCII letters and digits or more.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() >= 24 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        fits.then(|| Self(text.to_owned()))
    }

    /// Returns the address at which a vendor reports, below that of this service. It is a secret, too.
    pub fn address(&self, public_url: &Url, provider: &str) -> Option<Secret> {
        let url = vendor::append_path(public_url, &format!("/webhooks/sms/{provider}/{}", self.0));
        Secret::parse(url.as_str())
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

/// What a report has to prove: the secret in the address, and for some vendors a signature.
#[derive(Clone, Debug)]
pub struct Receipts {
    /// `SMS_RECEIPTS_SECRET`.
    pub secret: ReceiptsSecret,
    /// The signatures of the vendors that sign.
    pub signatures: Vec<Signature>,
}

impl Receipts {
    /// Returns whether a report has the signature of its vendor. One of a vendor that does not sign has proved enough with
    /// the address.
    pub fn is_genuine(&self, provider: &str, request: &ReportRequest<'_>) -> bool {
        let own = self.signatures.iter().find(|signature| signature.provider() == provider);
        match own {
            Some(signature) => signature.is_of(request),
            None => provider != signature::ALWAYS_SIGNS,
        }
    }
}

/// A vendor's report and the response it expects. Without that response it sends the report again.
#[derive(Debug)]
pub struct Report {
    /// The receipts in the report.
    pub receipts: Vec<Receipt>,
    /// The JSON body of the response, or nothing.
    pub acknowledgement: &'static str,
}

/// Reads the body of a report. Returns `None` for a vendor without receipts and for a body of another form.
pub fn parse(provider: &str, body: &[u8]) -> Option<Report> {
    match provider {
        "tencent" => json_reports::tencent(body),
        "aliyun" | "aliyun_pnvs" => json_reports::aliyun(body),
        "yuntongxun" => json_reports::yuntongxun(body),
        "volcengine" => json_reports::volcengine(body),
        "vonage" => json_reports::vonage(body),
        "twilio" => forms::twilio(body),
        "huawei" => forms::huawei(body),
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
    fn the_samples_of_the_newer_vendors_are_read() {
        let volcengine = r#"[{"account":"2001","sub_account":"1504","signature":"短信服务",
            "mobile":"188******","channel_type":"CN_OTP","send_time":1669171012444,
            "template_id":"SPT_0fa7","ext":"123456","message_id":"v1","status_code":"NE:0105",
            "description":"x","msg_count":1}]"#;
        let huawei = "sequence=1&total=1&orgCode=000&updateTime=2018-04-13T06%3A31%3A46Z&source=2\
            &smsMsgId=h1_6&status=DELIVRD";
        let vonage = r#"{"msisdn":"447700900000","to":"Haoma","network-code":"12345","messageId":"n1",
            "price":"0.03330000","status":"failed","scts":"2001011400","err-code":"6",
            "message-timestamp":"2020-01-01T12:00:00.000+00:00"}"#;
        let twilio = "SmsSid=SM1&SmsStatus=undelivered&MessageStatus=undelivered&To=%2B8613800138000\
            &MessageSid=SM1&AccountSid=AC1&From=%2B15005550006&ApiVersion=2010-04-01&ErrorCode=30003";
        let own = |id: &str, was: bool, code: &str| vec![(id.to_owned(), was, code.to_owned())];

        assert_eq!(receipts("volcengine", volcengine), own("v1", false, "NE:0105"));
        assert_eq!(receipts("huawei", huawei), own("h1_6", true, "DELIVRD"));
        assert_eq!(receipts("vonage", vonage), own("n1", false, "6"));
        assert_eq!(receipts("twilio", twilio), own("SM1", false, "30003"));
    }

    #[test]
    fn a_message_that_is_still_under_way_has_no_receipt() {
        for (provider, body) in [
            ("twilio", "MessageSid=SM1&MessageStatus=sent"),
            ("huawei", "smsMsgId=h1&status=ACCEPTD"),
            ("vonage", r#"{"messageId":"n1","status":"buffered","err-code":"0"}"#),
        ] {
            assert_eq!(receipts(provider, body), [], "{provider}");
        }
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
        assert!(parse("sns", b"[]").is_none());
        for provider in ["twilio", "huawei"] {
            assert!(parse(provider, b"[]").is_none(), "{provider}");
            assert!(
                parse(provider, b"MessageStatus=delivered&status=DELIVRD").is_none(),
                "{provider}"
            );
        }
        assert!(parse("vonage", br#"{"status":"delivered"}"#).is_none());
        assert!(parse("tencent", b"{").is_none());
        assert!(parse("aliyun", br#"[{"biz_id":1}]"#).is_none());
    }
}
