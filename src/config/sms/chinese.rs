//! Settings of the accounts with Chinese SMS vendors, which send templates that somebody has approved.

use super::vendor::{Vendor, is_digits, is_letters_and_digits};
use crate::{
    config::Env,
    sms::{aliyun, huawei, tencent, volcengine, yuntongxun},
};

const CODE_AND_MINUTES: &str = "code,minutes";

/// The region in the vendor's own samples. It does not decide where requests are sent.
const TENCENT_REGION: &str = "ap-guangzhou";

pub(super) fn yuntongxun(env: &mut Env) -> Option<yuntongxun::Settings> {
    let mut vendor = Vendor { env, name: "yuntongxun" };
    let base_url = vendor.base_url("SMS_YUNTONGXUN_BASE_URL", "https://app.cloopen.com:8883");
    let account_sid = vendor.letters_and_digits("SMS_YUNTONGXUN_ACCOUNT_SID");
    let auth_token = vendor.secret("SMS_YUNTONGXUN_AUTH_TOKEN");
    let app_id = vendor.letters_and_digits("SMS_YUNTONGXUN_APP_ID");
    let variables = [
        "SMS_YUNTONGXUN_TEMPLATE_ID",
        "SMS_YUNTONGXUN_TEMPLATE_PARAMS",
        "SMS_YUNTONGXUN_NOTICE_TEMPLATE_ID",
    ];
    let templates = vendor.templates(variables, CODE_AND_MINUTES, ("digits", is_digits));
    Some(yuntongxun::Settings {
        base_url: base_url?,
        account_sid: account_sid?,
        auth_token: auth_token?,
        app_id: app_id?,
        templates: templates?,
    })
}

pub(super) fn tencent(env: &mut Env) -> Option<tencent::Settings> {
    let mut vendor = Vendor { env, name: "tencent" };
    let base_url = vendor.base_url("SMS_TENCENT_BASE_URL", "https://sms.tencentcloudapi.com");
    let secret_id = vendor.ascii_word("SMS_TENCENT_SECRET_ID");
    let secret_key = vendor.secret("SMS_TENCENT_SECRET_KEY");
    let sdk_app_id = vendor.digits("SMS_TENCENT_SDK_APP_ID");
    let sign_name = vendor.text("SMS_TENCENT_SIGN_NAME");
    let region = vendor.optional("SMS_TENCENT_REGION", TENCENT_REGION, "a region", |text| {
        let is_region =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        text.bytes().all(is_region).then(|| text.to_owned())
    });
    let variables = [
        "SMS_TENCENT_TEMPLATE_ID",
        "SMS_TENCENT_TEMPLATE_PARAMS",
        "SMS_TENCENT_NOTICE_TEMPLATE_ID",
    ];
    let templates = vendor.templates(variables, CODE_AND_MINUTES, ("digits", is_digits));
    Some(tencent::Settings {
        base_url: base_url?,
        secret_id: secret_id?,
        secret_key: secret_key?,
        sdk_app_id: sdk_app_id?,
        sign_name: sign_name?,
        region: region?,
        templates: templates?,
    })
}

pub(super) fn aliyun(env: &mut Env) -> Option<aliyun::Settings> {
    let mut vendor = Vendor { env, name: "aliyun" };
    let base_url = vendor.base_url("SMS_ALIYUN_BASE_URL", "https://dysmsapi.aliyuncs.com");
    let access_key_id = vendor.ascii_word("SMS_ALIYUN_ACCESS_KEY_ID");
    let access_key_secret = vendor.secret("SMS_ALIYUN_ACCESS_KEY_SECRET");
    let sign_name = vendor.text("SMS_ALIYUN_SIGN_NAME");
    let variables = [
        "SMS_ALIYUN_TEMPLATE_CODE",
        "SMS_ALIYUN_TEMPLATE_PARAMS",
        "SMS_ALIYUN_NOTICE_TEMPLATE_CODE",
    ];
    let is_template = |text: &str| text.strip_prefix("SMS_").is_some_and(is_letters_and_digits);
    // Aliyun allows one variable in a template for codes.
    let templates =
        vendor.templates(variables, "code", ("`SMS_` and letters and digits", is_template));
    Some(aliyun::Settings {
        base_url: base_url?,
        access_key_id: access_key_id?,
        access_key_secret: access_key_secret?,
        sign_name: sign_name?,
        templates: templates?,
    })
}

pub(super) fn aliyun_pnvs(env: &mut Env) -> Option<aliyun::Settings> {
    let mut vendor = Vendor { env, name: "aliyun_pnvs" };
    let base_url = vendor.base_url("SMS_ALIYUN_PNVS_BASE_URL", "https://dypnsapi.aliyuncs.com");
    let access_key_id = vendor.ascii_word("SMS_ALIYUN_PNVS_ACCESS_KEY_ID");
    let access_key_secret = vendor.secret("SMS_ALIYUN_PNVS_ACCESS_KEY_SECRET");
    let sign_name = vendor.text("SMS_ALIYUN_PNVS_SIGN_NAME");
    let variables = ["SMS_ALIYUN_PNVS_TEMPLATE_CODE", "SMS_ALIYUN_PNVS_TEMPLATE_PARAMS"];
    let templates = vendor.code_template(variables, CODE_AND_MINUTES, ("digits", is_digits));
    Some(aliyun::Settings {
        base_url: base_url?,
        access_key_id: access_key_id?,
        access_key_secret: access_key_secret?,
        sign_name: sign_name?,
        templates: templates?,
    })
}

pub(super) fn huawei(env: &mut Env) -> Option<huawei::Settings> {
    let mut vendor = Vendor { env, name: "huawei" };
    let default = "https://smsapi.cn-north-4.myhuaweicloud.com";
    let base_url = vendor.base_url("SMS_HUAWEI_BASE_URL", default);
    let app_key = vendor.ascii_word("SMS_HUAWEI_APP_KEY");
    let app_secret = vendor.secret("SMS_HUAWEI_APP_SECRET");
    let sender = vendor.digits("SMS_HUAWEI_SENDER");
    let sign_name = vendor.env.text("SMS_HUAWEI_SIGN_NAME");
    let variables =
        ["SMS_HUAWEI_TEMPLATE_ID", "SMS_HUAWEI_TEMPLATE_PARAMS", "SMS_HUAWEI_NOTICE_TEMPLATE_ID"];
    let expected = "letters and digits";
    let templates =
        vendor.templates(variables, CODE_AND_MINUTES, (expected, is_letters_and_digits));
    let signs_receipts = vendor.env.switch("SMS_HUAWEI_SIGNED_RECEIPTS", false);
    Some(huawei::Settings {
        base_url: base_url?,
        app_key: app_key?,
        app_secret: app_secret?,
        sender: sender?,
        sign_name,
        templates: templates?,
        signs_receipts,
        callback: None,
    })
}

pub(super) fn volcengine(env: &mut Env) -> Option<volcengine::Settings> {
    let mut vendor = Vendor { env, name: "volcengine" };
    let base_url = vendor.base_url("SMS_VOLCENGINE_BASE_URL", "https://sms.volcengineapi.com");
    let access_key_id = vendor.ascii_word("SMS_VOLCENGINE_ACCESS_KEY_ID");
    let secret_access_key = vendor.secret("SMS_VOLCENGINE_SECRET_ACCESS_KEY");
    let sms_account = vendor.letters_and_digits("SMS_VOLCENGINE_SMS_ACCOUNT");
    let sign_name = vendor.text("SMS_VOLCENGINE_SIGN_NAME");
    let variables = [
        "SMS_VOLCENGINE_TEMPLATE_ID",
        "SMS_VOLCENGINE_TEMPLATE_PARAMS",
        "SMS_VOLCENGINE_NOTICE_TEMPLATE_ID",
    ];
    let is_template =
        |text: &str| text.split('_').count() > 1 && text.split('_').all(is_letters_and_digits);
    let expected = "letters, digits and `_`, like `ST_…`";
    let templates = vendor.templates(variables, "code", (expected, is_template));
    Some(volcengine::Settings {
        base_url: base_url?,
        access_key_id: access_key_id?,
        secret_access_key: secret_access_key?,
        sms_account: sms_account?,
        sign_name: sign_name?,
        templates: templates?,
    })
}
