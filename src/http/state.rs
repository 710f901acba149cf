//! The state that handlers and layers share beside that of the flows: settings, texts, templates, files and keys.

use std::sync::Arc;

use actix_web::{cookie::Key, http::header::HeaderValue};
use tera::Tera;

use super::{
    assets::{embedded::Assets, static_root::StaticRoot, templates, templates::MissingSentence},
    middleware::{own_origin::OwnOrigin, security_headers},
    ops::shutdown::ShutdownSignal,
    pages::site_context::SiteContext,
    proxy::{forwarded::Proxies, untrusted_warning::UntrustedProxyWarning},
    request::parser::RequestParser,
};
use crate::{
    config::{Config, HttpConfig},
    domain::{
        account_rules::AccountRules,
        brand::Brand,
        clock::Clock,
        device::DeviceSigner,
        keys::{Key as SubKey, SecretKey},
        site_session::SiteSessionSigner,
    },
    errors::Error,
    i18n::{catalog::Catalog, country_menu::CountryMenu},
    metrics::Metrics,
    sms::receipts::Receipts,
};

/// The state of handlers and layers: built once at the start, and shared by its clones.
#[derive(Clone)]
pub struct WebState {
    /// The settings of the server, such as which legacy APIs are enabled.
    pub http: Arc<HttpConfig>,
    /// The name, logo and colours on the pages.
    pub brand: Arc<Brand>,
    /// Parses the values whose rules depend on the settings.
    pub parser: Arc<RequestParser>,
    /// What the reports of SMS vendors have to prove; `None` disables their path.
    pub receipts: Option<Receipts>,
    /// Who may get an account, and what it needs.
    pub account_rules: AccountRules,
    /// The clock by which our own cookies expire.
    pub clock: Clock,
    /// The counters.
    pub metrics: Metrics,
    /// The sentences in every language.
    pub catalog: Arc<Catalog>,
    /// The countries between which a person chooses beside a number.
    pub country_menu: Arc<CountryMenu>,
    /// The templates of the pages.
    pub tera: Arc<Tera>,
    /// What every page shows of the site.
    pub site_context: Arc<SiteContext>,
    /// The style sheet, scripts and icon of the pages.
    pub assets: Arc<Assets>,
    /// The `Content-Security-Policy` of pages.
    pub page_policy: HeaderValue,
    /// The folder of the operator's own files.
    pub static_root: Option<StaticRoot>,
    /// Which hosts and origins are our own.
    pub origin: OwnOrigin,
    /// The proxies in front of us whose `X-Forwarded-…` headers are believed.
    pub proxies: Proxies,
    /// Warns about other proxies that send such headers.
    pub untrusted_proxy_warning: Arc<UntrustedProxyWarning>,
    /// Signs and encrypts cookies.
    pub cookie_key: Key,
    /// The keys of older `SECRET_KEY`s, with which cookies are still read.
    pub older_cookie_keys: Arc<[Key]>,
    /// Signs the ids that tell devices apart.
    pub device_signer: DeviceSigner,
    /// Signs what a site of the operator gets in place of the key of a session.
    pub site_sessions: SiteSessionSigner,
    /// Hash what is stored of requests with an idempotency key: the current key first, then older ones, with which
    /// records are only looked up.
    pub idempotency_secrets: Arc<[SubKey]>,
    /// Says whether the service is shutting down.
    pub shutdown: ShutdownSignal,
}

impl WebState {
    /// Parses the templates and texts. Fails if there is a mistake in one of them.
    pub fn new(
        config: &Config,
        static_root: Option<StaticRoot>,
        (metrics, clock): (Metrics, Clock),
        secret: &SecretKey,
    ) -> Result<Self, Error> {
        let catalog = Arc::new(Catalog::load()?);
        let brand = &config.branding.brand;
        let templates_dir = config.branding.templates_dir.as_deref();
        let tera = templates::load(&catalog, templates_dir, MissingSentence::ShowKey)?;
        let country_menu = Arc::new(CountryMenu::new(&config.regions));
        let assets = Arc::new(Assets::load(brand.palette.as_ref()));
        let cookie_keys = secret.derive_all("cookies").into_iter();
        let mut cookie_keys = cookie_keys.map(|key| Key::derive_from(key.as_bytes()));
        let cookie_key = cookie_keys.next().ok_or_else(|| Error::internal("no key"))?;
        Ok(Self {
            http: Arc::new(config.http.clone()),
            brand: Arc::new(brand.clone()),
            parser: Arc::new(RequestParser {
                regions: config.regions.clone(),
                passwords: config.passwords,
                terms: config.terms.clone(),
                password_rule: config.account_rules.password,
                captcha_mode: config.captcha_mode,
            }),
            receipts: config.receipts.clone(),
            account_rules: config.account_rules,
            clock,
            metrics,
            site_context: Arc::new(SiteContext::new(config, &catalog, &assets, &country_menu)),
            catalog,
            country_menu,
            tera: Arc::new(tera),
            assets,
            page_policy: security_headers::page_policy(brand.logo.as_ref())?,
            static_root,
            origin: OwnOrigin::new(config.http.public_url.clone()),
            proxies: Proxies::new(config.http.trusted_proxies.clone()),
            untrusted_proxy_warning: Arc::default(),
            cookie_key,
            older_cookie_keys: cookie_keys.collect(),
            device_signer: DeviceSigner::new(secret),
            site_sessions: SiteSessionSigner::new(secret),
            idempotency_secrets: secret.derive_all("idempotency").into(),
            shutdown: ShutdownSignal::default(),
        })
    }
}
