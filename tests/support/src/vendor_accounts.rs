//! Accounts with the vendors as an operator configures them, and the answers of each vendor.

use serde_json::json;

/// Every vendor with a base URL of its own.
pub const VENDORS: [&str; 5] = ["yuntongxun", "tencent", "aliyun", "aliyun_pnvs", "twilio"];

/// Every setting that the vendors need, except their base URLs.
pub const ACCOUNTS: [(&str, &str); 20] = [
    ("SMS_YUNTONGXUN_ACCOUNT_SID", "8a11"),
    ("SMS_YUNTONGXUN_AUTH_TOKEN", "facade"),
    ("SMS_YUNTONGXUN_APP_ID", "8a22"),
    ("SMS_YUNTONGXUN_TEMPLATE_ID", "1"),
    ("SMS_TENCENT_SECRET_ID", "AKIDexample"),
    ("SMS_TENCENT_SECRET_KEY", "tencent-key"),
    ("SMS_TENCENT_SDK_APP_ID", "1400006666"),
    ("SMS_TENCENT_SIGN_NAME", "示例科技"),
    ("SMS_TENCENT_TEMPLATE_ID", "449739"),
    ("SMS_ALIYUN_ACCESS_KEY_ID", "LTAIexample"),
    ("SMS_ALIYUN_ACCESS_KEY_SECRET", "aliyun-key"),
    ("SMS_ALIYUN_SIGN_NAME", "示例科技"),
    ("SMS_ALIYUN_TEMPLATE_CODE", "SMS_154950909"),
    ("SMS_ALIYUN_PNVS_ACCESS_KEY_ID", "LTAIpnvs"),
    ("SMS_ALIYUN_PNVS_ACCESS_KEY_SECRET", "pnvs-key"),
    ("SMS_ALIYUN_PNVS_SIGN_NAME", "速通互联验证码"),
    ("SMS_ALIYUN_PNVS_TEMPLATE_CODE", "100001"),
    ("SMS_TWILIO_ACCOUNT_SID", "AC11"),
    ("SMS_TWILIO_AUTH_TOKEN", "twilio-token"),
    ("SMS_TWILIO_FROM", "+15005550006"),
];

/// The settings that they need in addition to send notices.
pub const NOTICES: [(&str, &str); 3] = [
    ("SMS_YUNTONGXUN_NOTICE_TEMPLATE_ID", "2"),
    ("SMS_TENCENT_NOTICE_TEMPLATE_ID", "449740"),
    ("SMS_ALIYUN_NOTICE_TEMPLATE_CODE", "SMS_154950910"),
];

/// Returns the status and the code with which a vendor accepts a message.
pub fn success(name: &str) -> (u16, &'static str) {
    match name {
        "yuntongxun" => (200, "000000"),
        "tencent" => (200, "Ok"),
        "aliyun" | "aliyun_pnvs" => (200, "OK"),
        _ => (201, "201"),
    }
}

/// Returns the answer of a vendor with one of its codes, which may mean success.
pub fn answer(name: &str, code: &str) -> String {
    match name {
        "yuntongxun" => json!({ "statusCode": code, "templateSMS": { "smsMessageSid": "id-1" } }),
        "tencent" => json!({ "Response": { "SendStatusSet": [
            { "SerialNo": "id-1", "PhoneNumber": "+8613800138000", "Code": code },
        ] } }),
        "aliyun" => json!({ "Code": code, "BizId": "id-1", "Message": "13800138000" }),
        "aliyun_pnvs" => json!({ "Code": code, "Success": code == "OK", "Message": "13800138000",
            "Model": { "BizId": "id-1", "RequestId": "r" } }),
        _ if code == "201" => json!({ "sid": "id-1", "status": "queued", "error_code": null }),
        _ => json!({ "code": code.parse::<u32>().expect("a number"), "message": "+8613800138000" }),
    }
    .to_string()
}
