//! Accounts with the vendors as an operator configures them, and the answers of each vendor.

use serde_json::json;

/// Every vendor with a base URL of its own.
pub const VENDORS: [&str; 9] = [
    "yuntongxun",
    "tencent",
    "aliyun",
    "aliyun_pnvs",
    "huawei",
    "volcengine",
    "twilio",
    "vonage",
    "sns",
];

/// The vendors on other continents, which have longer to answer.
pub const ABROAD: [&str; 3] = ["twilio", "vonage", "sns"];

/// Every setting that the vendors need, except their base URLs.
pub const ACCOUNTS: [(&str, &str); 35] = [
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
    ("SMS_HUAWEI_APP_KEY", "huaweiKey"),
    ("SMS_HUAWEI_APP_SECRET", "huawei-secret"),
    ("SMS_HUAWEI_SENDER", "8824110605000"),
    ("SMS_HUAWEI_TEMPLATE_ID", "1d18a7f4e1b84f6c8fc1546b48b3baea"),
    ("SMS_VOLCENGINE_ACCESS_KEY_ID", "AKLTexample"),
    ("SMS_VOLCENGINE_SECRET_ACCESS_KEY", "volcengine-key"),
    ("SMS_VOLCENGINE_SMS_ACCOUNT", "7a1b2c3d"),
    ("SMS_VOLCENGINE_SIGN_NAME", "示例科技"),
    ("SMS_VOLCENGINE_TEMPLATE_ID", "ST_7a1b2c3d"),
    ("SMS_VONAGE_API_KEY", "abcd1234"),
    ("SMS_VONAGE_API_SECRET", "vonage-secret"),
    ("SMS_VONAGE_FROM", "Haoma"),
    ("SMS_SNS_REGION", "ap-southeast-1"),
    ("SMS_SNS_ACCESS_KEY_ID", "AKIAexample"),
    ("SMS_SNS_SECRET_ACCESS_KEY", "sns-secret-key"),
];

/// The settings that they need in addition to send notices.
pub const NOTICES: [(&str, &str); 5] = [
    ("SMS_YUNTONGXUN_NOTICE_TEMPLATE_ID", "2"),
    ("SMS_TENCENT_NOTICE_TEMPLATE_ID", "449740"),
    ("SMS_ALIYUN_NOTICE_TEMPLATE_CODE", "SMS_154950910"),
    ("SMS_HUAWEI_NOTICE_TEMPLATE_ID", "2d18a7f4e1b84f6c8fc1546b48b3baea"),
    ("SMS_VOLCENGINE_NOTICE_TEMPLATE_ID", "ST_8a1b2c3d"),
];

/// Returns the status and the code with which a vendor accepts a message.
pub fn success(name: &str) -> (u16, &'static str) {
    match name {
        "yuntongxun" | "huawei" => (200, "000000"),
        "tencent" => (200, "Ok"),
        "aliyun" | "aliyun_pnvs" | "volcengine" => (200, "OK"),
        "vonage" => (200, "0"),
        "sns" => (200, "200"),
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
        "huawei" => json!({ "code": code, "description": "+8613800138000",
            "result": [{ "originTo": "+8613800138000", "smsMsgId": "id-1", "status": code }] }),
        "volcengine" if code == "OK" => {
            json!({ "ResponseMetadata": { "RequestId": "r" }, "Result": { "MessageID": ["id-1"] } })
        }
        "volcengine" => {
            let error = json!({ "Code": code, "Message": "13800138000" });
            json!({ "ResponseMetadata": { "RequestId": "r", "Error": error } })
        }
        "vonage" => json!({ "message-count": "1", "messages": [
            { "to": "8613800138000", "message-id": "id-1", "status": code, "error-text": "x" },
        ] }),
        "sns" if code == "200" => return xml("MessageId", "id-1"),
        "sns" => return xml("Code", code),
        _ if code == "201" => json!({ "sid": "id-1", "status": "queued", "error_code": null }),
        _ => json!({ "code": code.parse::<u32>().expect("a number"), "message": "+8613800138000" }),
    }
    .to_string()
}

/// Returns an answer of Amazon SNS with one element.
fn xml(name: &str, value: &str) -> String {
    format!("<Response><Of>13800138000</Of><{name}>{value}</{name}></Response>")
}
