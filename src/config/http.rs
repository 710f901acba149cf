//! Where the service listens, and under which name people reach it.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use ipnet::IpNet;
use url::Url;

use super::Env;
use crate::domain::legacy_api::LegacyApi;

/// A person in a tunnel is back by then.
const WRITE_STALL: Duration = Duration::from_secs(30);

/// The service's place in the network.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// `BIND`: where it listens.
    pub bind: SocketAddr,
    /// `METRICS_BIND`: where metrics are served; `None` is nowhere.
    pub metrics_bind: Option<SocketAddr>,
    /// `PUBLIC_URL`: what people type; `None` on loopback without set-up.
    pub public_url: Option<Url>,
    /// `TRUSTED_PROXIES`: whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// `STATIC_ROOT`: a folder of the operator's own files.
    pub static_root: Option<PathBuf>,
    /// `DIALECTS`: older front-ends that are answered in their own words.
    pub legacy_apis: Vec<LegacyApi>,
    /// `DRF_SEND_WITHOUT_CAPTCHA`: for front-ends that know no captcha.
    pub drf_sends_without_captcha: bool,
    /// `MAX_CONNECTIONS`: how many may be open at once.
    pub max_connections: usize,
    /// `MAX_CONNECTIONS_PER_ADDRESS`: how many of them may be one peer's.
    pub max_connections_per_address: usize,
    /// After how long a connection whose peer reads nothing is closed; no setting, but tests make it short.
    pub write_stall: Duration,
    /// `JWT_AUDIENCE`: for whom JWTs are; `None` is ourselves.
    pub jwt_audience: Option<String>,
}

pub(super) fn read(env: &mut Env) -> Option<HttpConfig> {
    let default = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080));
    let bind = match env.text("BIND") {
        Some(_) => {
            env.parse("BIND", "an address and port like `127.0.0.1:8080`", |it| it.parse().ok())
        }
        None => Some(default),
    };
    let expected = "an address and port like `127.0.0.1:9090`";
    let metrics_bind = env.parse("METRICS_BIND", expected, |it| it.parse().ok());
    let public_url =
        env.parse("PUBLIC_URL", "like `https://id.example.com`, without a path", |it| {
            let url = Url::parse(it).ok()?;
            let is_origin = matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.path() == "/"
                && url.username().is_empty()
                && url.query().is_none();
            is_origin.then_some(url)
        });
    // Everything that can be reached from elsewhere must know its own name: cookies, redirects and
    // the defence against other sites hang on it.
    if bind.is_some_and(|it| !it.ip().is_loopback()) && env.text("PUBLIC_URL").is_none() {
        env.report("PUBLIC_URL", "is not set: needed as soon as BIND is not a loopback address");
    }
    let expected = "a list like `10.0.0.0/8,192.168.1.5`";
    let trusted_proxies = env
        .parse("TRUSTED_PROXIES", expected, |it| it.split(',').map(network).collect())
        .unwrap_or_default();
    let max_connections = env.number("MAX_CONNECTIONS", 10_000, 100..=1_000_000);
    let max_connections_per_address = env.number("MAX_CONNECTIONS_PER_ADDRESS", 200, 1..=1_000_000);
    let jwt_audience = env.text("JWT_AUDIENCE");
    let static_root = env.parse("STATIC_ROOT", "a folder that can be read", |it| {
        Path::new(it).is_dir().then(|| PathBuf::from(it))
    });
    let legacy_apis = env
        .parse("DIALECTS", "a list out of `ihome,passport,drf`, or `none`", parse_legacy_apis)
        .unwrap_or_else(|| vec![LegacyApi::Ihome, LegacyApi::Passport]);
    let drf_sends_without_captcha = env.switch("DRF_SEND_WITHOUT_CAPTCHA", false);
    Some(HttpConfig {
        bind: bind?,
        metrics_bind,
        public_url,
        trusted_proxies,
        static_root,
        legacy_apis,
        drf_sends_without_captcha,
        max_connections,
        max_connections_per_address,
        write_stall: WRITE_STALL,
        jwt_audience,
    })
}

fn parse_legacy_apis(text: &str) -> Option<Vec<LegacyApi>> {
    match text {
        "none" => Some(Vec::new()),
        _ => text.split(',').map(|it| LegacyApi::parse(it.trim())).collect(),
    }
}

fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
