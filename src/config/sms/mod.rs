//! `SMS_PROVIDERS` and the settings of each provider.

mod limits;
mod vendors;

use std::fmt;

use url::{Host, Url};

use super::Env;
use crate::{
    domain::{region::Regions, url_credentials},
    sms::{VendorLimits, aliyun, tencent, twilio, webhook::WebhookSecret, yuntongxun},
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
    /// `SMS_TWILIO_…`.
    Twilio(twilio::Settings),
}

/// Prints only the host of the gateway's URL, which may contain a password or a secret path.
impl fmt::Debug for ProviderConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Console => f.write_str("Console"),
            Self::Webhook { url, .. } => write!(f, "Webhook({:?})", url.host_str()),
            Self::Yuntongxun(settings) => settings.fmt(f),
            Self::Tencent(settings) => settings.fmt(f),
            Self::Aliyun(settings) => settings.fmt(f),
            Self::Twilio(settings) => settings.fmt(f),
        }
    }
}

impl ProviderConfig {
    /// Returns the variable that is missing for notices, or none if the provider can send them.
    pub fn missing_notice_template(&self) -> Option<&'static str> {
        let (templates, variable) = match self {
            Self::Console | Self::Webhook { .. } | Self::Twilio(_) => return None,
            Self::Yuntongxun(settings) => {
                (&settings.templates, "SMS_YUNTONGXUN_NOTICE_TEMPLATE_ID")
            }
            Self::Tencent(settings) => (&settings.templates, "SMS_TENCENT_NOTICE_TEMPLATE_ID"),
            Self::Aliyun(settings) => (&settings.templates, "SMS_ALIYUN_NOTICE_TEMPLATE_CODE"),
        };
        templates.notice.is_none().then_some(variable)
    }
}

const NAMES: &str = "`console`, `webhook`, `yuntongxun`, `tencent`, `aliyun`, `twilio`";

/// The value of `SMS_PROVIDERS` that names all of them.
pub(super) const ALL_PROVIDERS: &str = "console,webhook,yuntongxun,tencent,aliyun,twilio";

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
        "yuntongxun" => vendors::yuntongxun(env).map(ProviderConfig::Yuntongxun),
        "tencent" => vendors::tencent(env).map(ProviderConfig::Tencent),
        "aliyun" => vendors::aliyun(env).map(ProviderConfig::Aliyun),
        "twilio" => vendors::twilio(env).map(ProviderConfig::Twilio),
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
