//! What the operator decides: read from the environment once, with every mistake told at once.

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

use std::{collections::BTreeSet, path::PathBuf, time::Duration};

use chrono::Utc;

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
        password::PasswordPolicy, proof_of_work::Demand, region::Regions, terms::Terms,
        test_number::TestNumber,
    },
    sms::receipts::ReceiptsSecret,
    stores::{
        codes::CodeRules,
        kv::RedisUrl,
        pow_challenges::PowRules,
        rate_limits::LimitRules,
        sms_abuse_guard::SmsAbuseRules,
        tables::sessions::{Lifetimes, SessionLimits},
    },
};

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file that was read beneath the environment.
    pub env_file: Option<PathBuf>,
    /// `BIND`, `PUBLIC_URL`, `TRUSTED_PROXIES`.
    pub http: HttpConfig,
    /// `BRAND_…`, `TEMPLATES_DIR`.
    pub branding: Branding,
    /// `DATABASE_URL`.
    pub database_url: ConnectionUrl,
    /// `DATABASE_POOL`: connections.
    pub database_pool: u32,
    /// `REDIS_URL`, `REDIS_CA_FILE`; without it codes and limits live in memory.
    pub redis: Option<RedisUrl>,
    /// `SECRET_KEY`, or the file beside the database.
    pub secret_key: SecretKeySource,
    /// `CAPTCHA_TTL_SECONDS`, `SMS_CODE_TTL_SECONDS`, `SMS_CODE_TRIES…`.
    pub codes: CodeRules,
    /// `POW`, `POW_COMPLEXITY`.
    pub pow: PowRules,
    /// `SMS_RESEND_SECONDS`, and whatever has `_PER_` in its name.
    pub limits: LimitRules,
    /// `SMS_VERIFIED_PERCENT`, `SMS_VERIFIED_AFTER_SECONDS`.
    pub sms_abuse: SmsAbuseRules,
    /// `SMS_LEDGER_DAYS`: how long the ledger of text messages reaches back.
    pub sms_log_retention: Duration,
    /// `SMS_REGIONS`: whose numbers are served.
    pub regions: Regions,
    /// `SMS_PROVIDERS`, in the order in which they are asked.
    pub providers: Vec<ProviderRoute>,
    /// `TERMS_URL`, `TERMS_VERSION`: what people accept by registering.
    pub terms: Option<Terms>,
    /// `SMS_TEST_NUMBERS`: never texted, with codes of the operator's choice.
    pub test_numbers: Vec<TestNumber>,
    /// `REVEAL_REGISTERED`: whether asking to register a taken number says so at once.
    pub reveals_registered: bool,
    /// `SMS_RECEIPTS_SECRET`: the secret part of the address where vendors report.
    pub receipts_secret: Option<ReceiptsSecret>,
    /// `PASSWORD_PROFILE`, `PASSWORD_MIN_LENGTH`.
    pub passwords: PasswordPolicy,
    /// `PASSWORD_ITERATIONS`.
    pub password_iterations: u32,
    /// `SESSION_CACHE_MILLISECONDS`: how long a session is believed without asking the database again.
    pub session_cache_ttl: Duration,
    /// `SESSION_IDLE_SECONDS`, `SESSION_TTL_SECONDS` and their twins for remembered sessions.
    pub sessions: Lifetimes,
    /// `SESSIONS_PER_ACCOUNT`, `TOKENS_PER_ACCOUNT`.
    pub session_limits: SessionLimits,
}

impl Config {
    /// Reads everything, or tells everything that is wrong.
    pub fn from_env(env: Env) -> Result<Self, Vec<ConfigError>> {
        read_and_check(env, read)
    }

    /// Whether messages are printed in the terminal.
    pub fn is_development(&self) -> bool {
        self.providers.iter().any(|it| matches!(it.provider, ProviderConfig::Console))
    }

    /// What works as it is set up, and what the operator should know of it all the same.
    pub fn notes(&self) -> Vec<Note> {
        notes::notes(self)
    }

    /// The names of all settings, whether they apply to this set-up or not.
    pub fn setting_names() -> BTreeSet<&'static str> {
        known_names()
    }

    /// Only where the database is, for commands that need nothing else.
    pub fn database_from_env(env: Env) -> Result<ConnectionUrl, Vec<ConfigError>> {
        read_and_check(env, stores::database_url)
    }

    /// Only how the log is written, and the defaults where that cannot be read: every mistake is told with
    /// all others later, by what reads the rest.
    pub fn log_from_env(mut env: Env) -> LogConfig {
        log::read(&mut env)
    }

    /// Only whose numbers are served, and the iterations of a password hash: what an import needs.
    pub fn import_from_env(env: Env) -> Result<(Regions, u32), Vec<ConfigError>> {
        read_and_check(env, |env| Some((regions(env), accounts::password_iterations(env))))
    }
}

/// What `read` makes of an environment in which no name is misspelt, or every mistake there is.
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

/// The names of all settings: what is asked for when every provider is in use.
fn known_names() -> BTreeSet<&'static str> {
    let key = "0123456789abcdef0123456789abcdef";
    let pairs = [("SMS_PROVIDERS", sms::ALL_PROVIDERS), ("SECRET_KEY", key)];
    let mut env = Env::from_pairs(pairs.map(|(name, it)| (name.to_owned(), it.to_owned())));
    read(&mut env);
    log::read(&mut env);
    unknown::ignored(&mut env);
    env.names_read().clone()
}

/// Asks for every variable before it gives up on any, so that all mistakes come out together.
fn read(env: &mut Env) -> Option<Config> {
    let database_url = stores::database_url(env);
    let is_mysql = database_url.as_ref().is_some_and(|it| it.as_str().starts_with("mysql:"));
    let database_pool = env.number("DATABASE_POOL", 16, 1..=1_000);
    let env_file = env.file().map(PathBuf::from);
    let redis = stores::redis(env);
    let http = http::read(env);
    let branding = branding::read(env);
    let secret_key = secret::read(env, database_url.as_ref());
    let codes = limits::codes(env);
    let limits = limits::limits(env);
    let sms_abuse = limits::ladder(env);
    let sms_log_retention = limits::ledger_kept(env);
    let pow = pow_rules(env);
    let regions = regions(env);
    let providers = sms::read(env, is_mysql);
    let terms = accounts::terms(env);
    let expected = "a list like `13800000000:123456@2027-01-31`, each ending within 90 days";
    let today = Utc::now().date_naive();
    let test_numbers = env
        .parse("SMS_TEST_NUMBERS", expected, |it| TestNumber::parse_list(it, today))
        .unwrap_or_default();
    let reveals_registered = env.switch("REVEAL_REGISTERED", true);
    let expected = "at least 24 letters and digits";
    let receipts_secret = env.parse("SMS_RECEIPTS_SECRET", expected, ReceiptsSecret::parse);
    let passwords = accounts::password_policy(env);
    let password_iterations = accounts::password_iterations(env);
    let sessions = accounts::lifetimes(env);
    let session_limits = accounts::session_limits(env);
    let milliseconds = env.number("SESSION_CACHE_MILLISECONDS", 1000, 0..=1000);
    let session_cache_ttl = Duration::from_millis(milliseconds);
    Some(Config {
        env_file,
        http: http?,
        branding,
        database_url: database_url?,
        database_pool,
        redis,
        secret_key: secret_key?,
        codes,
        pow,
        limits,
        sms_abuse,
        sms_log_retention,
        regions,
        providers,
        terms,
        test_numbers,
        reveals_registered,
        receipts_secret,
        passwords,
        password_iterations,
        session_cache_ttl,
        sessions,
        session_limits,
    })
}

fn regions(env: &mut Env) -> Regions {
    env.parse("SMS_REGIONS", "a list of country codes like `CN,HK`, or `*`", Regions::parse)
        .unwrap_or_else(Regions::mainland)
}

fn pow_rules(env: &mut Env) -> PowRules {
    let parse = |text: &str| match text {
        "off" => Some(Demand::Never),
        "auto" => Some(Demand::WhenPumped),
        "always" => Some(Demand::Always),
        _ => None,
    };
    PowRules {
        demand: env.parse("POW", "`off`, `auto` or `always`", parse).unwrap_or(Demand::WhenPumped),
        complexity: env.number("POW_COMPLEXITY", 500_000, 1_000..=10_000_000),
    }
}
