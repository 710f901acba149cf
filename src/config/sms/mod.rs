//! `SMS_PROVIDERS` and the settings of each provider.

mod abroad;
mod chinese;
mod limits;
pub(super) mod receipts;
pub(super) mod texts;
mod vendor;

use std::fmt;

use url::{Host, Url};

use super::Env;
use crate::{
    domain::{region::Regions, url_credentials},
    sms::{
        Templates, VendorLimits, aliyun, huawei, sns, tencent, twilio, volcengine, vonage,
        webhook::WebhookSecret, yuntongxun,
    },
};

/// A provider with its settings.
#[derive(Clone)]
pub enum ProviderConfig {
    /// Prints messages in the terminal.
    Console,
    /// Posts messages to the operator's own gateway.
    Webhook {
        /// `SMS_WEBHOOK_URL`.
        url: Url,
        /// `SMS_WEBHOOK_SECRET`.
        secret: WebhookSecret,
    },
    /// `SMS_YUNTONGXUN_…`.
    Yuntongxun(yuntongxun::Settings),
    /// `SMS_TENCENT_…`.
    Tencent(tencent::Settings),
    /// `SMS_ALIYUN_…`.
    Aliyun(aliyun::Settings),
    /// `SMS_ALIYUN_PNVS_…`.
    AliyunPnvs(aliyun::Settings),
    /// `SMS_HUAWEI_…`.
    Huawei(huawei::Settings),
    /// `SMS_VOLCENGINE_…`.
    Volcengine(volcengine::Settings),
    /// `SMS_TWILIO_…`.
    Twilio(twilio::Settings),
    /// `SMS_VONAGE_…`.
    Vonage(vonage::Settings),
    /// `SMS_SNS_…`.
    Sns(sns::Settings),
}

/// Prints only the host of the gateway's URL, which may contain a password or a secret path.
impl fmt::Debug for ProviderConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Console => f.write_str("Console"),
            Self::Webhook { url, .. } => write!(f, "Webhook({:?})", url.host_str()),
            Self::Yuntongxun(settings) => settings.fmt(f),
            Self::Tencent(settings) => settings.fmt(f),
            Self::Aliyun(settings) | Self::AliyunPnvs(settings) => settings.fmt(f),
            Self::Huawei(settings) => settings.fmt(f),
            Self::Volcengine(settings) => settings.fmt(f),
            Self::Twilio(settings) => settings.fmt(f),
            Self::Vonage(settings) => settings.fmt(f),
            Self::Sns(settings) => settings.fmt(f),
        }
    }
}

impl ProviderConfig {
    /// Returns the templates of the account, if the provider sends templates.
    pub fn templates(&self) -> Option<&Templates> {
        match self {
            Self::Console
            | Self::Webhook { .. }
            | Self::Twilio(_)
            | Self::Vonage(_)
            | Self::Sns(_) => None,
            Self::Yuntongxun(settings) => Some(&settings.templates),
            Self::Tencent(settings) => Some(&settings.templates),
            Self::Aliyun(settings) | Self::AliyunPnvs(settings) => Some(&settings.templates),
            Self::Huawei(settings) => Some(&settings.templates),
            Self::Volcengine(settings) => Some(&settings.templates),
        }
    }

    /// Returns why the provider cannot send notices, or none if it can.
    pub fn why_no_notices(&self) -> Option<&'static str> {
        let why = match self {
            Self::Console
            | Self::Webhook { .. }
            | Self::Twilio(_)
            | Self::Vonage(_)
            | Self::Sns(_) => return None,
            Self::Yuntongxun(_) => "SMS_YUNTONGXUN_NOTICE_TEMPLATE_ID is not set",
            Self::Tencent(_) => "SMS_TENCENT_NOTICE_TEMPLATE_ID is not set",
            Self::Aliyun(_) => "SMS_ALIYUN_NOTICE_TEMPLATE_CODE is not set",
            Self::Huawei(_) => "SMS_HUAWEI_NOTICE_TEMPLATE_ID is not set",
            Self::Volcengine(_) => "SMS_VOLCENGINE_NOTICE_TEMPLATE_ID is not set",
            Self::AliyunPnvs(_) => "Aliyun lends no template for it",
        };
        self.templates()?.notice.is_none().then_some(why)
    }
}

const NAMES: &str = "`console`, `webhook`, `yuntongxun`, `tencent`, `aliyun`, `aliyun_pnvs`, `huawei`, \
                     `volcengine`, `twilio`, `vonage`, `sns`";

/// The value of `SMS_PROVIDERS` that names all of them.
pub(super) const ALL_PROVIDERS: &str = "console,webhook,yuntongxun,tencent,aliyun,aliyun_pnvs,huawei,\
                                         volcengine,twilio,vonage,sns";

/// A provider with its limits per number.
#[derive(Clone, Debug)]
pub struct ProviderRoute {
    /// The provider and its settings.
    pub provider: ProviderConfig,
    /// The limits beyond which it would refuse a message.
    pub limits: VendorLimits,
}

pub(super) fn read(env: &mut Env, is_mysql: bool) -> Vec<ProviderRoute> {
    let Some(names) = env.text("SMS_PROVIDERS") else {
        if is_mysql {
            let why = format!("with MySQL the providers must be named, out of {NAMES}");
            env.report("SMS_PROVIDERS", format!("is not set: {why}"));
        }
        let limits = VendorLimits { regions: Regions::Any, per_mobile: Vec::new() };
        return vec![ProviderRoute { provider: ProviderConfig::Console, limits }];
    };
    names.split(',').filter_map(|name| provider(env, name.trim())).collect()
}

fn provider(env: &mut Env, name: &str) -> Option<ProviderRoute> {
    let limits = limits::read(env, name);
    let provider = match name {
        "console" => Some(ProviderConfig::Console),
        "webhook" => webhook(env),
        "yuntongxun" => chinese::yuntongxun(env).map(ProviderConfig::Yuntongxun),
        "tencent" => chinese::tencent(env).map(ProviderConfig::Tencent),
        "aliyun" => chinese::aliyun(env).map(ProviderConfig::Aliyun),
        "aliyun_pnvs" => chinese::aliyun_pnvs(env).map(ProviderConfig::AliyunPnvs),
        "huawei" => chinese::huawei(env).map(ProviderConfig::Huawei),
        "volcengine" => chinese::volcengine(env).map(ProviderConfig::Volcengine),
        "vonage" => abroad::vonage(env).map(ProviderConfig::Vonage),
        "sns" => abroad::sns(env).map(ProviderConfig::Sns),
        "twilio" => abroad::twilio(env).map(ProviderConfig::Twilio),
        _ => {
            env.report("SMS_PROVIDERS", format!("names `{name}`; known are {NAMES}"));
            None
        }
    };
    Some(ProviderRoute { provider: provider?, limits })
}

fn webhook(env: &mut Env) -> Option<ProviderConfig> {
    let why = "the provider `webhook` needs it";
    env.required("SMS_WEBHOOK_URL", why);
    env.required("SMS_WEBHOOK_SECRET", why);
    let expected = "an https address (http only on loopback); in user name and password, write @ and / as %40 and %2F";
    let url = env.parse("SMS_WEBHOOK_URL", expected, safe_url);
    let secret = env.parse(
        "SMS_WEBHOOK_SECRET",
        "`whsec_` followed by 24 to 64 bytes in base64",
        WebhookSecret::parse,
    );
    Some(ProviderConfig::Webhook { url: url?, secret: secret? })
}

/// Parses a URL to which codes and signatures are sent encrypted, or which is on this machine.
fn safe_url(text: &str) -> Option<Url> {
    if url_credentials::is_ambiguous(text) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let is_loopback = match url.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    (url.scheme() == "https" || url.scheme() == "http" && is_loopback).then_some(url)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::config::ConfigError;

    fn read(pairs: &[(&str, &str)]) -> (Vec<ProviderConfig>, Vec<&'static str>) {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut env = Env::from_pairs(pairs);
        let providers = super::read(&mut env, false);
        let providers = providers.into_iter().map(|route| route.provider).collect();
        let name = |error: ConfigError| match error.name {
            Cow::Borrowed(name) => name,
            Cow::Owned(name) => panic!("{name} is no setting"),
        };
        (providers, env.into_errors().into_iter().map(name).collect())
    }

    #[test]
    fn everything_missing_or_malformed_is_reported_at_once() {
        let (providers, errors) = read(&[
            ("SMS_PROVIDERS", "twilio,aliyun"),
            ("SMS_TWILIO_BASE_URL", "http://example.com"),
            ("SMS_TWILIO_ACCOUNT_SID", "SK00"),
            ("SMS_ALIYUN_BASE_URL", "https://user:password@example.com"),
            ("SMS_ALIYUN_TEMPLATE_PARAMS", "minutes"),
        ]);

        assert!(providers.is_empty());
        assert_eq!(
            errors,
            [
                "SMS_TWILIO_BASE_URL",
                "SMS_TWILIO_ACCOUNT_SID",
                "SMS_TWILIO_AUTH_TOKEN",
                "SMS_TWILIO_FROM",
                "SMS_ALIYUN_BASE_URL",
                "SMS_ALIYUN_ACCESS_KEY_ID",
                "SMS_ALIYUN_ACCESS_KEY_SECRET",
                "SMS_ALIYUN_SIGN_NAME",
                "SMS_ALIYUN_TEMPLATE_CODE",
                "SMS_ALIYUN_TEMPLATE_PARAMS",
            ]
        );
    }

    #[test]
    fn settings_of_the_newer_vendors_are_refused_with_a_sentence() {
        let sentence = |provider: &str, pairs: &[(&str, &str)], name: &str| {
            let pairs = [&[("SMS_PROVIDERS", provider)], pairs].concat();
            let pairs = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
            let mut env = Env::from_pairs(pairs);
            super::read(&mut env, false);
            let errors = env.into_errors();
            let error = errors.into_iter().find(|error| error.name == name);
            error.unwrap_or_else(|| panic!("{name} is not reported")).message
        };
        for (provider, name, value, expected) in [
            ("aliyun_pnvs", "SMS_ALIYUN_PNVS_TEMPLATE_CODE", "SMS_1", "digits"),
            ("huawei", "SMS_HUAWEI_SENDER", "+8613", "digits"),
            ("huawei", "SMS_HUAWEI_TEMPLATE_ID", "a b", "letters and digits"),
            ("huawei", "SMS_HUAWEI_SIGNED_RECEIPTS", "yes", "`on` or `off`"),
            ("volcengine", "SMS_VOLCENGINE_TEMPLATE_ID", "449739", "like `ST_…`"),
            ("volcengine", "SMS_VOLCENGINE_SMS_ACCOUNT", "a/b", "letters and digits"),
            ("twilio", "SMS_TWILIO_RECEIPTS_TOKEN", "SK11:x", "no API key"),
            ("vonage", "SMS_VONAGE_FROM", "+85251234567", "a number without `+`, or a name"),
            ("vonage", "SMS_VONAGE_BASE_URL", "http://example.com", "an https address"),
            ("sns", "SMS_SNS_REGION", "Asia", "a region, like `ap-southeast-1`"),
            ("sns", "SMS_SNS_SENDER_ID", "123", "at least one of them a letter"),
        ] {
            let message = sentence(provider, &[(name, value)], name);
            assert!(message.contains(expected), "{name}: {message}");
            assert!(!message.contains(value), "{name}: {message}");
        }
        for (provider, name) in [
            ("aliyun_pnvs", "SMS_ALIYUN_PNVS_SIGN_NAME"),
            ("huawei", "SMS_HUAWEI_APP_SECRET"),
            ("volcengine", "SMS_VOLCENGINE_SECRET_ACCESS_KEY"),
            ("vonage", "SMS_VONAGE_API_SECRET"),
            ("sns", "SMS_SNS_SECRET_ACCESS_KEY"),
        ] {
            let needs = format!("the provider `{provider}` needs it");
            let message = sentence(provider, &[], name);
            assert!(message.contains(&needs), "{name}: {message}");
        }
    }

    #[test]
    fn a_template_for_notices_is_optional_and_checked_like_the_one_for_codes() {
        let account = [
            ("SMS_PROVIDERS", "aliyun"),
            ("SMS_ALIYUN_ACCESS_KEY_ID", "LTAIexample"),
            ("SMS_ALIYUN_ACCESS_KEY_SECRET", "hush"),
            ("SMS_ALIYUN_SIGN_NAME", "示例科技"),
            ("SMS_ALIYUN_TEMPLATE_CODE", "SMS_154950909"),
        ];
        let with = |notice: Option<&str>| {
            let notice = notice.map(|notice| ("SMS_ALIYUN_NOTICE_TEMPLATE_CODE", notice));
            let pairs: Vec<_> = account.into_iter().chain(notice).collect();
            let (providers, errors) = read(&pairs);
            (providers.first().map(ProviderConfig::why_no_notices), errors)
        };

        assert_eq!(with(Some("SMS_154950910")), (Some(None), vec![]));
        assert_eq!(with(None), (Some(Some("SMS_ALIYUN_NOTICE_TEMPLATE_CODE is not set")), vec![]));
        assert_eq!(with(Some("154950910")), (None, vec!["SMS_ALIYUN_NOTICE_TEMPLATE_CODE"]));
    }

    #[test]
    fn unset_variables_have_defaults_and_secrets_are_not_printed() {
        let (providers, errors) = read(&[
            ("SMS_PROVIDERS", "tencent"),
            ("SMS_TENCENT_SECRET_ID", "AKIDexample"),
            ("SMS_TENCENT_SECRET_KEY", "hush"),
            ("SMS_TENCENT_SDK_APP_ID", "1400006666"),
            ("SMS_TENCENT_SIGN_NAME", "示例科技"),
            ("SMS_TENCENT_TEMPLATE_ID", "449739"),
        ]);

        assert!(errors.is_empty(), "{errors:?}");
        let printed = format!("{providers:?}");
        assert!(printed.contains("sms.tencentcloudapi.com"), "{printed}");
        assert!(printed.contains("ap-guangzhou"), "{printed}");
        assert!(printed.contains("[Code, Minutes]"), "{printed}");
        assert!(printed.contains("secret_key: ***"), "{printed}");
        assert!(!printed.contains("hush"), "{printed}");
    }
}
