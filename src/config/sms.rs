//! `SMS_PROVIDERS` and the variables of each provider.

use url::{Host, Url};

use super::Env;
use crate::sms::webhook::WebhookSecret;

/// A provider and what it needs.
#[derive(Clone, Debug)]
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
}

const NAMES: &str = "`console`, `webhook`";

pub(super) fn read(env: &mut Env, is_mysql: bool) -> Vec<ProviderConfig> {
    let Some(names) = env.text("SMS_PROVIDERS") else {
        if is_mysql {
            let why = format!("with MySQL the providers must be named, out of {NAMES}");
            env.mistake("SMS_PROVIDERS", format!("is not set: {why}"));
        }
        return vec![ProviderConfig::Console];
    };
    names.split(',').filter_map(|name| provider(env, name.trim())).collect()
}

fn provider(env: &mut Env, name: &str) -> Option<ProviderConfig> {
    match name {
        "console" => Some(ProviderConfig::Console),
        "webhook" => webhook(env),
        _ => {
            env.mistake("SMS_PROVIDERS", format!("names `{name}`; known are {NAMES}"));
            None
        }
    }
}

fn webhook(env: &mut Env) -> Option<ProviderConfig> {
    let why = "the provider `webhook` needs it";
    env.required("SMS_WEBHOOK_URL", why);
    env.required("SMS_WEBHOOK_SECRET", why);
    let url = env.parsed("SMS_WEBHOOK_URL", "an https address (http only on loopback)", safe_url);
    let secret = env.parsed(
        "SMS_WEBHOOK_SECRET",
        "`whsec_` followed by 24 to 64 bytes in base64",
        WebhookSecret::parse,
    );
    Some(ProviderConfig::Webhook { url: url?, secret: secret? })
}

/// Codes and signatures travel encrypted, except to this very machine.
fn safe_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_loopback = match url.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    (url.scheme() == "https" || url.scheme() == "http" && is_loopback).then_some(url)
}
