//! `SMS_RECEIPTS_SECRET`: where vendors report, and what their reports have to prove.

use url::Url;

use super::{ProviderConfig, ProviderRoute};
use crate::{
    config::{Env, HttpConfig},
    sms::receipts::{Receipts, ReceiptsSecret, Signature},
};

/// Reads `SMS_RECEIPTS_SECRET`, tells the providers where to report, and returns what their reports have to prove.
pub(in crate::config) fn read(
    env: &mut Env,
    providers: &mut [ProviderRoute],
    http: Option<&HttpConfig>,
) -> Option<Receipts> {
    let expected = "at least 24 letters and digits";
    let secret = env.parse("SMS_RECEIPTS_SECRET", expected, ReceiptsSecret::parse)?;
    // Vendors refuse a message with an address that they cannot reach, and a report would show the secret without TLS.
    let public_url = http.and_then(|http| http.public_url.as_ref());
    let public_url = public_url.filter(|url| url.scheme() == "https");
    let sign = |route: &mut ProviderRoute| report_to(&mut route.provider, &secret, public_url);
    let signatures = providers.iter_mut().filter_map(sign).collect();
    Some(Receipts { secret, signatures })
}

/// Lets a vendor that is told so with every message report to this address, and returns how it signs its reports.
/// Without a token Twilio's reports could not be verified, so it is not asked for any.
fn report_to(
    provider: &mut ProviderConfig,
    secret: &ReceiptsSecret,
    public_url: Option<&Url>,
) -> Option<Signature> {
    match provider {
        ProviderConfig::Twilio(settings) => {
            let auth_token = settings.signing_token()?.clone();
            let address = secret.address(public_url?, "twilio")?;
            settings.callback = Some(address.clone());
            Some(Signature::Twilio { auth_token, address })
        }
        ProviderConfig::Huawei(settings) => {
            let address = secret.address(public_url?, "huawei")?;
            settings.callback = Some(address.clone());
            let app_secret = settings.app_secret.clone();
            settings.signs_receipts.then(|| Signature::Huawei {
                app_key: settings.app_key.clone(),
                app_secret,
                address,
            })
        }
        ProviderConfig::Vonage(settings) => {
            let secret = settings.signature_secret.clone()?;
            Some(Signature::Vonage { secret })
        }
        ProviderConfig::Console
        | ProviderConfig::Webhook { .. }
        | ProviderConfig::Yuntongxun(_)
        | ProviderConfig::Tencent(_)
        | ProviderConfig::Aliyun(_)
        | ProviderConfig::AliyunPnvs(_)
        | ProviderConfig::Volcengine(_)
        | ProviderConfig::Sns(_) => None,
    }
}
