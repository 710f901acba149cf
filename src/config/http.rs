//! Where the service listens, and under which name people reach it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::IpNet;
use url::Url;

use super::Env;

/// The service's place in the network.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// `BIND`: where it listens.
    pub bind: SocketAddr,
    /// `PUBLIC_URL`: what people type; `None` on loopback without set-up.
    pub public_url: Option<Url>,
    /// `TRUSTED_PROXIES`: whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// `JWT_AUDIENCE`: for whom JWTs are; `None` is ourselves.
    pub jwt_audience: Option<String>,
}

pub(super) fn read(env: &mut Env) -> Option<HttpConfig> {
    let default = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080));
    let bind = match env.text("BIND") {
        Some(_) => {
            env.parsed("BIND", "an address and port like `127.0.0.1:8080`", |it| it.parse().ok())
        }
        None => Some(default),
    };
    let public_url =
        env.parsed("PUBLIC_URL", "like `https://id.example.com`, without a path", |it| {
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
        env.mistake("PUBLIC_URL", "is not set: needed as soon as BIND is not a loopback address");
    }
    let expected = "a list like `10.0.0.0/8,192.168.1.5`";
    let trusted_proxies = env
        .parsed("TRUSTED_PROXIES", expected, |it| it.split(',').map(network).collect())
        .unwrap_or_default();
    let jwt_audience = env.text("JWT_AUDIENCE");
    Some(HttpConfig { bind: bind?, public_url, trusted_proxies, jwt_audience })
}

fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
