//! What the faces share beside the flows' state: words, templates, files, our own address.

use std::{path::PathBuf, sync::Arc};

use actix_web::{cookie::Key, http::header::HeaderValue};
use ipnet::IpNet;
use tera::Tera;
use url::Url;

use super::{
    assets::{embedded::Assets, static_root::StaticRoot, templates, templates::MissingSentence},
    middleware::{own_origin::OwnOrigin, security_headers},
    ops::shutdown::ShutdownSignal,
    proxy::{forwarded::Proxies, untrusted_warning::UntrustedProxyWarning},
    request::parser::RequestParser,
};
use crate::{
    domain::{
        brand::Brand,
        clock::Clock,
        keys::{Key as SubKey, SecretKey},
        legacy_api::LegacyApi,
        password::PasswordPolicy,
        region::Regions,
        terms::Terms,
    },
    errors::Error,
    i18n::catalog::Catalog,
    metrics::Metrics,
    sms::receipts::ReceiptsSecret,
};

/// What the operator decides of the faces.
#[derive(Debug)]
pub struct WebSettings {
    /// The time, by which cookies of our own end.
    pub clock: Clock,
    /// What people type; `None` on loopback without set-up.
    pub public_url: Option<Url>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// For whom JWTs are; `None` is ourselves.
    pub jwt_audience: Option<String>,
    /// Whose numbers are served.
    pub regions: Regions,
    /// What a new password has to be.
    pub passwords: PasswordPolicy,
    /// What people accept by registering.
    pub terms: Option<Terms>,
    /// The secret part of the address where SMS vendors report.
    pub receipts_secret: Option<ReceiptsSecret>,
    /// A folder of the operator's own files.
    pub static_root: Option<StaticRoot>,
    /// The families of older front-ends that are answered in their own words.
    pub legacy_apis: Vec<LegacyApi>,
    /// Whether one of them may have codes sent without a captcha.
    pub drf_sends_without_captcha: bool,
    /// Whether messages are printed in the terminal.
    pub is_development: bool,
    /// Whose pages these are.
    pub brand: Brand,
    /// A folder of the operator's own templates.
    pub templates: Option<PathBuf>,
    /// What is counted, and whether anybody can ask.
    pub metrics: Metrics,
}

impl Default for WebSettings {
    /// As without set-up, in production.
    fn default() -> Self {
        Self {
            clock: Clock::default(),
            public_url: None,
            trusted_proxies: Vec::new(),
            jwt_audience: None,
            regions: Regions::mainland(),
            passwords: PasswordPolicy::default(),
            terms: None,
            receipts_secret: None,
            static_root: None,
            legacy_apis: Vec::new(),
            drf_sends_without_captcha: false,
            is_development: false,
            brand: Brand::default(),
            templates: None,
            metrics: Metrics::default(),
        }
    }
}

/// Built once at the start; clones share it.
#[derive(Clone)]
pub struct WebState {
    /// The time, by which cookies of our own end.
    pub clock: Clock,
    /// The sentences.
    pub catalog: Arc<Catalog>,
    /// The pages.
    pub tera: Arc<Tera>,
    /// The files beside them.
    pub assets: Arc<Assets>,
    /// Whose they are.
    pub brand: Arc<Brand>,
    /// What they may load and do.
    pub page_policy: HeaderValue,
    /// Which host and origin is ours.
    pub origin: OwnOrigin,
    /// The proxies in front of us, whose `X-Forwarded-…` is believed.
    pub proxies: Proxies,
    /// Tells of others that send it.
    pub untrusted_proxy_warning: Arc<UntrustedProxyWarning>,
    /// For whom JWTs are; `None` is ourselves.
    pub jwt_audience: Option<Arc<str>>,
    /// Parses the values whose rules depend on the settings.
    pub parser: Arc<RequestParser>,
    /// The secret part of the address where vendors report; `None` while there is no such address.
    pub receipts_secret: Option<ReceiptsSecret>,
    /// A folder of the operator's own files.
    pub static_root: Option<StaticRoot>,
    /// The families of older front-ends that are answered in their own words.
    pub dialects: Arc<[LegacyApi]>,
    /// Whether one of them may have codes sent without a captcha.
    pub drf_sends_without_captcha: bool,
    /// Signs and encrypts cookies.
    pub cookie_key: Key,
    /// What else cookies are read with, while one `SECRET_KEY` follows another.
    pub older_cookie_keys: Arc<[Key]>,
    /// Make what is kept of repeated requests: the current one, then those that are only looked for.
    pub repeat_keys: Arc<[SubKey]>,
    /// Whether messages are printed in the terminal, which the pages then say.
    pub is_development: bool,
    /// What is counted.
    pub metrics: Metrics,
    /// Whether the service is about to end.
    pub leaving: ShutdownSignal,
}

impl WebState {
    /// Parses templates and words; a fault in them stops the start.
    pub fn new(settings: WebSettings, secret: &SecretKey) -> Result<Self, Error> {
        let words = Arc::new(Catalog::load()?);
        let tera =
            templates::load(&words, settings.templates.as_deref(), MissingSentence::ShowKey)?;
        let cookie_keys = secret.derive_all("cookies").into_iter();
        let mut cookie_keys = cookie_keys.map(|it| Key::derive_from(it.as_bytes()));
        let cookie_key = cookie_keys.next().ok_or_else(|| Error::internal("no key"))?;
        Ok(Self {
            clock: settings.clock,
            catalog: words,
            tera: Arc::new(tera),
            assets: Arc::new(Assets::load(settings.brand.palette.as_ref())),
            page_policy: security_headers::page_policy(settings.brand.logo.as_ref())?,
            brand: Arc::new(settings.brand),
            origin: OwnOrigin::new(settings.public_url),
            proxies: Proxies::new(settings.trusted_proxies),
            untrusted_proxy_warning: Arc::default(),
            jwt_audience: settings.jwt_audience.map(Arc::from),
            parser: Arc::new(RequestParser {
                regions: settings.regions,
                passwords: settings.passwords,
                terms: settings.terms,
            }),
            static_root: settings.static_root,
            dialects: settings.legacy_apis.into(),
            drf_sends_without_captcha: settings.drf_sends_without_captcha,
            cookie_key,
            older_cookie_keys: cookie_keys.collect(),
            repeat_keys: secret.derive_all("idempotency").into(),
            receipts_secret: settings.receipts_secret,
            is_development: settings.is_development,
            metrics: settings.metrics,
            leaving: ShutdownSignal::default(),
        })
    }
}
