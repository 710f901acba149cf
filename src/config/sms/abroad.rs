//! Settings of the accounts with SMS vendors that send any text.

use super::vendor::{Vendor, is_letters_and_digits};
use crate::{config::Env, sms::twilio};

pub(super) fn twilio(env: &mut Env) -> Option<twilio::Settings> {
    let mut vendor = Vendor { env, name: "twilio" };
    let base_url = vendor.base_url("SMS_TWILIO_BASE_URL", "https://api.twilio.com");
    let account_sid =
        vendor.required("SMS_TWILIO_ACCOUNT_SID", "`AC` and letters and digits", |text| {
            (text.starts_with("AC") && is_letters_and_digits(text)).then(|| text.to_owned())
        });
    let auth_token = vendor.secret("SMS_TWILIO_AUTH_TOKEN");
    let from = vendor.text("SMS_TWILIO_FROM");
    Some(twilio::Settings {
        base_url: base_url?,
        account_sid: account_sid?,
        auth_token: auth_token?,
        from: from?,
    })
}
