//! Settings of the network: addresses, proxies and connections.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use ipnet::IpNet;
use url::Url;

use super::Env;
use crate::domain::{legacy_api::LegacyApi, signing_algorithm::SigningAlgorithm, sites::Sites};

/// Long enough for a phone that is without reception for a moment, as in a tunnel.
const WRITE_STALL: Duration = Duration::from_secs(30);

/// Settings of the network.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// `BIND`: the address on which the service listens.
    pub bind: SocketAddr,
    /// `METRICS_BIND`: the address on which metrics are served; `None` serves none.
    pub metrics_bind: Option<SocketAddr>,
    /// `PUBLIC_URL`: the URL that people use; `None` is allowed on loopback only.
    pub public_url: Option<Url>,
    /// `SITES`: the operator's other sites, whose people sign in here.
    pub sites: Sites,
    /// `TRUSTED_PROXIES`: the proxies whose `X-Forwarded-…` headers are used.
    pub trusted_proxies: Vec<IpNet>,
    /// `STATIC_ROOT`: a folder of files that are served besides the pages.
    pub static_root: Option<PathBuf>,
    /// `DIALECTS`: the APIs of older front-ends that are served.
    pub legacy_apis: Vec<LegacyApi>,
    /// `DRF_SEND_WITHOUT_CAPTCHA`: whether front-ends without captchas may request codes.
    pub drf_sends_without_captcha: bool,
    /// `MAX_CONNECTIONS`: how many connections may be open at once.
    pub max_connections: usize,
    /// `MAX_CONNECTIONS_PER_ADDRESS`: how many of them one peer may open.
    pub max_connections_per_address: usize,
    /// How long a peer may read nothing before its connection is closed. It is no setting; tests shorten it.
    pub write_stall: Duration,
    /// `JWT_AUDIENCE`: the audience of JWTs; `None` is the service itself.
    pub jwt_audience: Option<String>,
    /// `JWT_ALGORITHM`: how the JWTs of sessions are signed.
    pub jwt_algorithm: SigningAlgorithm,
}

pub(super) fn read(env: &mut Env) -> Option<HttpConfig> {
    let default = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080));
    let bind = match env.text("BIND") {
        Some(_) => {
            env.parse("BIND", "an address and port like `127.0.0.1:8080`", |text| text.parse().ok())
        }
        None => Some(default),
    };
    let expected = "an address and port like `127.0.0.1:9090`";
    let metrics_bind = env.parse("METRICS_BIND", expected, |text| text.parse().ok());
    let public_url =
        env.parse("PUBLIC_URL", "like `https://id.example.com`, without a path", |text| {
            let url = Url::parse(text).ok()?;
            let is_origin = matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.path() == "/"
                && url.username().is_empty()
                && url.query().is_none();
            is_origin.then_some(url)
        });
    // A service that other machines can reach must know its own name, because cookies, redirects and the protection
    // against cross-site requests depend on it.
    if bind.is_some_and(|address| !address.ip().is_loopback()) && env.text("PUBLIC_URL").is_none() {
        env.report("PUBLIC_URL", "is not set: needed as soon as BIND is not a loopback address");
    }
    let expected = "a list like `https://www.example.com,https://shop.example.net`, without paths";
    let sites = env.parse("SITES", expected, Sites::parse).unwrap_or_default();
    let expected = "a list like `10.0.0.0/8,192.168.1.5`";
    let trusted_proxies = env.parse("TRUSTED_PROXIES", expected, networks).unwrap_or_default();
    let max_connections = env.number("MAX_CONNECTIONS", 10_000, 100..=1_000_000);
    let max_connections_per_address = env.number("MAX_CONNECTIONS_PER_ADDRESS", 200, 1..=1_000_000);
    let jwt_audience = env.text("JWT_AUDIENCE");
    let jwt_algorithm = env
        .parse("JWT_ALGORITHM", "`EdDSA`, `ES256` or `RS256`", SigningAlgorithm::parse)
        .unwrap_or(SigningAlgorithm::EdDsa);
    let static_root = env.parse("STATIC_ROOT", "a folder that can be read", |text| {
        Path::new(text).is_dir().then(|| PathBuf::from(text))
    });
    let legacy_apis = env
        .parse("DIALECTS", "a list out of `ihome,passport,drf`, or `none`", parse_legacy_apis)
        .unwrap_or_else(|| vec![LegacyApi::Ihome, LegacyApi::Passport]);
    let drf_sends_without_captcha = env.switch("DRF_SEND_WITHOUT_CAPTCHA", false);
    Some(HttpConfig {
        bind: bind?,
        metrics_bind,
        public_url,
        sites,
        trusted_proxies,
        static_root,
        legacy_apis,
        drf_sends_without_captcha,
        max_connections,
        max_connections_per_address,
        write_stall: WRITE_STALL,
        jwt_audience,
        jwt_algorithm,
    })
}

fn parse_legacy_apis(text: &str) -> Option<Vec<LegacyApi>> {
    match text {
        "none" => Some(Vec::new()),
        _ => text.split(',').map(|name| LegacyApi::parse(name.trim())).collect(),
    }
}

/// Reads addresses and networks.
pub(super) fn networks(text: &str) -> Option<Vec<IpNet>> {
    text.split(',').map(network).collect()
}

fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
