//! Settings of the accounts with SMS vendors that send any text.

use super::vendor::{Vendor, is_digits, is_letters_and_digits};
use crate::{
    config::Env,
    sms::{Secret, sns, twilio, vonage},
};

pub(super) fn twilio(env: &mut Env) -> Option<twilio::Settings> {
    let mut vendor = Vendor { env, name: "twilio" };
    let base_url = vendor.base_url("SMS_TWILIO_BASE_URL", "https://api.twilio.com");
    let account_sid =
        vendor.required("SMS_TWILIO_ACCOUNT_SID", "`AC` and letters and digits", |text| {
            (text.starts_with("AC") && is_letters_and_digits(text)).then(|| text.to_owned())
        });
    let auth_token = vendor.secret("SMS_TWILIO_AUTH_TOKEN");
    let from = vendor.text("SMS_TWILIO_FROM");
    let expected = "printable ASCII without spaces, and no API key `SK…:…`";
    let parse = |text: &str| Secret::parse(text).filter(|_| !text.contains(':'));
    let receipts_token = vendor.env.parse("SMS_TWILIO_RECEIPTS_TOKEN", expected, parse);
    Some(twilio::Settings {
        base_url: base_url?,
        account_sid: account_sid?,
        auth_token: auth_token?,
        from: from?,
        receipts_token,
        callback: None,
    })
}

pub(super) fn vonage(env: &mut Env) -> Option<vonage::Settings> {
    let mut vendor = Vendor { env, name: "vonage" };
    let base_url = vendor.base_url("SMS_VONAGE_BASE_URL", "https://rest.nexmo.com");
    let api_key = vendor.letters_and_digits("SMS_VONAGE_API_KEY");
    let api_secret = vendor.secret("SMS_VONAGE_API_SECRET");
    let expected = "a number without `+`, or a name of letters and digits";
    let from = vendor.required("SMS_VONAGE_FROM", expected, |text| {
        let is_name = |text: &str| text.chars().all(|it| it.is_ascii_alphanumeric() || it == ' ');
        (is_digits(text) || text.len() <= 11 && is_name(text)).then(|| text.to_owned())
    });
    let expected = "printable ASCII without spaces";
    let signature_secret = vendor.env.parse("SMS_VONAGE_SIGNATURE_SECRET", expected, Secret::parse);
    Some(vonage::Settings {
        base_url: base_url?,
        api_key: api_key?,
        api_secret: api_secret?,
        from: from?,
        signature_secret,
    })
}

pub(super) fn sns(env: &mut Env) -> Option<sns::Settings> {
    let mut vendor = Vendor { env, name: "sns" };
    let region = vendor.required("SMS_SNS_REGION", "a region, like `ap-southeast-1`", |text| {
        let is_region =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        text.bytes().all(is_region).then(|| text.to_owned())
    });
    let host = region.as_deref().unwrap_or("us-east-1");
    // The regions in China are a cloud of their own.
    let end = if host.starts_with("cn-") { ".cn" } else { "" };
    let base_url =
        vendor.base_url("SMS_SNS_BASE_URL", &format!("https://sns.{host}.amazonaws.com{end}"));
    let access_key_id = vendor.ascii_word("SMS_SNS_ACCESS_KEY_ID");
    let secret_access_key = vendor.secret("SMS_SNS_SECRET_ACCESS_KEY");
    let expected = "1 to 11 letters and digits, at least one of them a letter";
    let sender_id = vendor.env.parse("SMS_SNS_SENDER_ID", expected, |text| {
        let is_name = text.len() <= 11 && is_letters_and_digits(text) && !is_digits(text);
        is_name.then(|| text.to_owned())
    });
    Some(sns::Settings {
        base_url: base_url?,
        region: region?,
        access_key_id: access_key_id?,
        secret_access_key: secret_access_key?,
        sender_id,
    })
}
