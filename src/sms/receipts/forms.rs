//! Reports of vendors that send a form, about one message each.

use std::collections::HashMap;

use url::form_urlencoded;

use super::Report;
use crate::sms::Receipt;

/// Twilio, a status callback: `MessageSid` is the `sid` of sending. What is not final is no receipt yet.
pub(super) fn twilio(body: &[u8]) -> Option<Report> {
    let mut form = fields(body);
    let message_id = form.remove("MessageSid")?;
    let status = form.remove("MessageStatus")?;
    let is_final = ["delivered", "undelivered", "failed"].contains(&status.as_str());
    let code = form.remove("ErrorCode").unwrap_or_default();
    let receipt = Receipt { message_id, was_delivered: status == "delivered", code };
    Some(Report {
        receipts: is_final.then_some(receipt).into_iter().collect(),
        acknowledgement: "",
    })
}

/// Huawei Cloud, 接收状态报告: `smsMsgId` is that of sending.
pub(super) fn huawei(body: &[u8]) -> Option<Report> {
    let mut form = fields(body);
    let message_id = form.remove("smsMsgId")?;
    let code = form.remove("status")?;
    let is_final = !["ACCEPTD", "UNKNOWN"].contains(&code.as_str());
    let receipt = Receipt { message_id, was_delivered: code == "DELIVRD", code };
    Some(Report {
        receipts: is_final.then_some(receipt).into_iter().collect(),
        acknowledgement: "",
    })
}

fn fields(body: &[u8]) -> HashMap<String, String> {
    form_urlencoded::parse(body).into_owned().collect()
}
