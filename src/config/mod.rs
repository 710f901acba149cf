//! The configuration, read once from environment variables. Every mistake is reported, not only the first.

mod accounts;
mod branding;
pub mod env;
mod env_file;
mod http;
mod limits;
mod log;
mod notes;
mod secret;
mod sms;
mod spelling;
mod stores;
mod unknown;

use std::{borrow::Cow, collections::BTreeSet, path::PathBuf, time::Duration};

use chrono::Utc;
use ipnet::IpNet;

pub use self::{
    branding::Branding,
    env::{ConfigError, Env},
    http::HttpConfig,
    log::LogConfig,
    notes::Note,
    secret::SecretKeySource,
    sms::{ProviderConfig, ProviderRoute},
    stores::ConnectionUrl,
};
use crate::{
    domain::{
        account_rules::AccountRules, captcha::CaptchaMode, password::PasswordPolicy,
        proof_of_work::Demand, region::Regions, terms::Terms, test_number::TestNumber,
    },
    sms::{receipts::Receipts, texts::Texts},
    stores::{
        codes::CodeRules,
        kv::{MemoryCapacity, RedisUrl},
        pow_challenges::PowRules,
        rate_limits::LimitRules,
        sms_abuse_guard::SmsAbuseRules,
        tables::sessions::{Lifetimes, SessionLimits},
    },
};

/// All settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file that was read besides the environment.
    pub env_file: Option<PathBuf>,
    /// `BIND`, `PUBLIC_URL`, `TRUSTED_PROXIES`.
    pub http: HttpConfig,
    /// `BRAND_…`, `TEMPLATES_DIR`.
    pub branding: Branding,
    /// `DATABASE_URL`.
    pub database_url: ConnectionUrl,
    /// `DATABASE_POOL`: the number of connections.
    pub database_pool: u32,
    /// `REDIS_URL`, `REDIS_CA_FILE`. Without it, codes and limits are stored in memory.
    pub redis: Option<RedisUrl>,
    /// The number of keys that the memory holds without Redis. It is no setting: only tests change it.
    pub memory: MemoryCapacity,
    /// `SECRET_KEY`, or the key file beside the database.
    pub secret_key: SecretKeySource,
    /// `SIGN_UP`, `ACCOUNT_PASSWORD`.
    pub account_rules: AccountRules,
    /// `CAPTCHA`.
    pub captcha_mode: CaptchaMode,
    /// `CAPTCHA_TTL_SECONDS`.
    pub captcha_ttl: Duration,
    /// `SMS_CODE_TTL_SECONDS`, `SMS_CODE_TRIES…`.
    pub codes: CodeRules,
    /// `POW`, `POW_COMPLEXITY`.
    pub pow: PowRules,
    /// `SMS_RESEND_SECONDS`, and the settings with `_PER_` in their names.
    pub limits: LimitRules,
    /// `ADDRESS_ALLOW`: the networks whose requests the limits of addresses do not count.
    pub address_allow: Vec<IpNet>,
    /// `SMS_VERIFIED_PERCENT`, `SMS_VERIFIED_AFTER_SECONDS`.
    pub sms_abuse: SmsAbuseRules,
    /// `SMS_LEDGER_DAYS`: how long messages stay in the SMS log.
    pub sms_log_retention: Duration,
    /// `SMS_REGIONS`: the countries whose numbers are accepted.
    pub regions: Regions,
    /// `SMS_PROVIDERS`, in the order in which they are tried.
    pub providers: Vec<ProviderRoute>,
    /// `SMS_TEXT_ZH_CN`, `SMS_TEXT_EN` and so on: the texts of messages, for providers without templates.
    pub sms_texts: Texts,
    /// `TERMS_URL`, `PRIVACY_URL`, `TERMS_VERSION`: the terms that users accept when they register.
    pub terms: Option<Terms>,
    /// `SMS_TEST_NUMBERS`: numbers that get no messages, with codes that the operator chooses.
    pub test_numbers: Vec<TestNumber>,
    /// `REVEAL_REGISTERED`: whether a request for a code says at once that the number is registered already.
    pub reveals_registered: bool,
    /// What the reports of vendors have to prove; `None` without `SMS_RECEIPTS_SECRET`.
    pub receipts: Option<Receipts>,
    /// `PASSWORD_PROFILE`, `PASSWORD_MIN_LENGTH`.
    pub passwords: PasswordPolicy,
    /// `PASSWORD_ITERATIONS`.
    pub password_iterations: u32,
    /// `SESSION_CACHE_MILLISECONDS`: how long a session is used without reading it from the database again.
    pub session_cache_ttl: Duration,
    /// `SESSION_IDLE_SECONDS`, `SESSION_TTL_SECONDS`, and the same two for remembered sessions.
    pub sessions: Lifetimes,
    /// `SESSIONS_PER_ACCOUNT`, `TOKENS_PER_ACCOUNT`.
    pub session_limits: SessionLimits,
}

impl Config {
    /// Reads all settings, or returns everything that is wrong with them.
    pub fn from_env(env: Env) -> Result<Self, Vec<ConfigError>> {
        read_and_check(env, read)
    }

    /// Tells whether messages are printed in the terminal instead of being sent.
    pub fn is_development(&self) -> bool {
        self.providers.iter().any(|route| matches!(route.provider, ProviderConfig::Console))
    }

    /// Returns notes on settings that work but have consequences that the operator should know.
    pub fn notes(&self) -> Vec<Note> {
        notes::notes(self)
    }

    /// Returns the names of all settings, whether they apply to this set-up or not.
    pub fn setting_names() -> BTreeSet<Cow<'static, str>> {
        known_names()
    }

    /// Reads only `DATABASE_URL`, for commands that need nothing else.
    pub fn database_from_env(env: Env) -> Result<ConnectionUrl, Vec<ConfigError>> {
        read_and_check(env, stores::database_url)
    }

    /// Reads only the settings of the log, with the defaults in place of values that cannot be used. The functions that
    /// read the other settings report such mistakes together with all others.
    pub fn log_from_env(mut env: Env) -> LogConfig {
        log::read(&mut env)
    }

    /// Reads only what an import needs: the accepted regions and the iterations of a password hash.
    pub fn import_from_env(env: Env) -> Result<(Regions, u32), Vec<ConfigError>> {
        read_and_check(env, |env| Some((regions(env), accounts::password_iterations(env))))
    }
}

/// Returns what `read` returns if there are no mistakes in the environment, misspelt names included, or else all of
/// them.
fn read_and_check<T>(
    mut env: Env,
    read: impl FnOnce(&mut Env) -> Option<T>,
) -> Result<T, Vec<ConfigError>> {
    let value = read(&mut env);
    log::read(&mut env);
    unknown::report_unknown(&mut env);
    let errors = env.into_errors();
    value.filter(|_| errors.is_empty()).ok_or(errors)
}

/// Returns the names that are read when every provider is in use, which are the names of all settings.
fn known_names() -> BTreeSet<Cow<'static, str>> {
    let key = "0123456789abcdef0123456789abcdef";
    let pairs = [("SMS_PROVIDERS", sms::ALL_PROVIDERS), ("SECRET_KEY", key)];
    let mut env = Env::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
    read(&mut env);
    log::read(&mut env);
    unknown::ignored(&mut env);
    env.names_read().clone()
}

/// Reads every variable before it returns `None` because of any, so that all mistakes are reported together.
fn read(env: &mut Env) -> Option<Config> {
    let database_url = stores::database_url(env);
    let is_mysql = database_url.as_ref().is_some_and(|url| url.as_str().starts_with("mysql:"));
    let database_pool = env.number("DATABASE_POOL", 16, 1..=1_000);
    let env_file = env.file().map(PathBuf::from);
    let redis = stores::redis(env);
    let http = http::read(env);
    let branding = branding::read(env);
    let secret_key = secret::read(env, database_url.as_ref());
    let limits = limits::limits(env);
    let address_allow = limits::address_allow(env);
    let captcha_ttl = limits::captcha_ttl(env);
    let codes = limits::codes(env, &limits);
    let sms_abuse = limits::sms_abuse(env);
    let sms_log_retention = limits::sms_log_retention(env);
    let pow = pow_rules(env);
    let captcha_mode = limits::captcha_mode(env, pow.demand);
    let regions = regions(env);
    let mut providers = sms::read(env, is_mysql);
    let sms_texts = sms::texts::read(env, &branding.brand.name, http.as_ref());
    let terms = accounts::terms(env);
    let test_numbers = test_numbers(env);
    let reveals_registered = env.switch("REVEAL_REGISTERED", true);
    let receipts = sms::receipts::read(env, &mut providers, http.as_ref());
    let account_rules = accounts::account_rules(env);
    let passwords = accounts::password_policy(env);
    let password_iterations = accounts::password_iterations(env);
    let sessions = accounts::lifetimes(env);
    let session_limits = accounts::session_limits(env);
    let session_cache = env.number("SESSION_CACHE_MILLISECONDS", 1000, 0..=1000);
    Some(Config {
        env_file,
        http: http?,
        branding,
        database_url: database_url?,
        database_pool,
        redis,
        memory: MemoryCapacity::default(),
        secret_key: secret_key?,
        captcha_mode,
        captcha_ttl,
        codes,
        pow,
        limits,
        address_allow,
        sms_abuse,
        sms_log_retention,
        regions,
        providers,
        sms_texts,
        terms,
        test_numbers,
        reveals_registered,
        receipts,
        account_rules,
        passwords,
        password_iterations,
        session_cache_ttl: Duration::from_millis(session_cache),
        sessions,
        session_limits,
    })
}

fn test_numbers(env: &mut Env) -> Vec<TestNumber> {
    let expected = "a list like `13800000000:123456@2027-01-31`, each ending within 90 days";
    let today = Utc::now().date_naive();
    env.parse("SMS_TEST_NUMBERS", expected, |text| TestNumber::parse_list(text, today))
        .unwrap_or_default()
}

fn regions(env: &mut Env) -> Regions {
    env.parse("SMS_REGIONS", "a list of country codes like `CN,HK`, or `*`", Regions::parse)
        .unwrap_or_else(Regions::mainland)
}

fn pow_rules(env: &mut Env) -> PowRules {
    let parse = |text: &str| match text {
        "off" => Some(Demand::Never),
        "auto" => Some(Demand::OnAbuse),
        "always" => Some(Demand::Always),
        _ => None,
    };
    PowRules {
        demand: env.parse("POW", "`off`, `auto` or `always`", parse).unwrap_or(Demand::OnAbuse),
        complexity: env.number("POW_COMPLEXITY", 6_000_000, 1_000..=100_000_000),
    }
}
