//! Makes the SMS providers that the configuration names.

use crate::{
    config::{Config, ProviderConfig, ProviderRoute},
    sms::{
        self, Route, SmsProvider,
        aliyun::{Aliyun, pnvs::AliyunPnvs},
        console::Console,
        huawei::Huawei,
        sns::Sns,
        tencent::Tencent,
        twilio::Twilio,
        volcengine::Volcengine,
        vonage::Vonage,
        webhook::Webhook,
        yuntongxun::Yuntongxun,
    },
};

/// Returns the providers in the order of `SMS_PROVIDERS`, each with its own limits.
pub fn routes(config: &Config) -> anyhow::Result<Vec<Route>> {
    let client = sms::client::build()?;
    let route = |route: &ProviderRoute| {
        Route::new(provider(&route.provider, &client), route.limits.clone())
    };
    Ok(config.providers.iter().map(route).collect())
}

/// Returns one provider.
pub fn provider(config: &ProviderConfig, client: &reqwest::Client) -> Box<dyn SmsProvider> {
    let client = client.clone();
    match config {
        ProviderConfig::Console => Box::new(Console),
        ProviderConfig::Webhook { url, secret } => {
            Box::new(Webhook::new(client, url.clone(), secret.clone()))
        }
        ProviderConfig::Yuntongxun(settings) => Box::new(Yuntongxun::new(client, settings.clone())),
        ProviderConfig::Tencent(settings) => Box::new(Tencent::new(client, settings.clone())),
        ProviderConfig::Aliyun(settings) => Box::new(Aliyun::new(client, settings.clone())),
        ProviderConfig::AliyunPnvs(settings) => Box::new(AliyunPnvs::new(client, settings.clone())),
        ProviderConfig::Huawei(settings) => Box::new(Huawei::new(client, settings.clone())),
        ProviderConfig::Volcengine(settings) => Box::new(Volcengine::new(client, settings.clone())),
        ProviderConfig::Vonage(settings) => Box::new(Vonage::new(client, settings.clone())),
        ProviderConfig::Sns(settings) => Box::new(Sns::new(client, settings.clone())),
        ProviderConfig::Twilio(settings) => Box::new(Twilio::new(client, settings.clone())),
    }
}
