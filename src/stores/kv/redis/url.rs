//! `REDIS_URL`: one Redis, one that Sentinels watch over, or a Cluster, each with TLS or without.

use std::{fmt, net::IpAddr};

use percent_encoding::percent_decode_str;
use redis::{
    ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _, ProtocolVersion, RedisConnectionInfo,
    RedisError, TlsCertificates,
};
use url::{Host, Url};

use crate::domain::url_credentials;

/// Where a Sentinel listens unless its address says otherwise; a Redis is at 6379.
const SENTINEL_PORT: u16 = 26_379;

/// Where Redis is, who we are there, and whom we believe.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisUrl {
    pub(super) way: Way,
    pub(super) is_tls: bool,
    nodes: Vec<(String, u16)>,
    user: Option<String>,
    password: Option<String>,
    database: u16,
    /// In PEM: the authorities that are believed in place of the system's.
    authorities: Option<Vec<u8>>,
}

/// What the nodes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The one Redis.
    One,
    /// Sentinels, who know where the master of this name is.
    Sentinel { master: String },
    /// Some nodes of a Cluster; the others are learnt from them.
    Cluster,
}

impl RedisUrl {
    /// Reads `redis://…`, `redis+sentinel://…/master` or `redis+cluster://…`, or `rediss` in each.
    pub fn parse(text: &str) -> Option<Self> {
        // Else a part of a password could become the name of a host, or of a master.
        if url_credentials::is_ambiguous(text) {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        let (tls, kind) = scheme.split_once('+').unwrap_or((scheme, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        // Where a URL may have parameters, none is known; `#insecure` would mean no verification.
        if rest.contains(['?', '#']) {
            return None;
        }
        let (who, nodes) = match authority.rsplit_once('@') {
            Some((who, nodes)) => (Some(who), nodes),
            None => (None, authority),
        };
        let (user, password) = who.map_or(("", ""), |it| it.split_once(':').unwrap_or((it, "")));
        let (way, database) = match kind {
            "" => (Way::One, path),
            "sentinel" => {
                let (master, database) = path.split_once('/').unwrap_or((path, ""));
                (Way::Sentinel { master: decoded(master)?? }, database)
            }
            "cluster" => (Way::Cluster, path),
            _ => return None,
        };
        let port = if kind == "sentinel" { SENTINEL_PORT } else { 6379 };
        let nodes: Vec<_> = nodes.split(',').map(|it| node(it, port)).collect::<Option<_>>()?;
        let database = if database.is_empty() { 0 } else { database.parse().ok()? };
        let is_possible = match way {
            Way::One => nodes.len() == 1,
            Way::Sentinel { .. } => true,
            // A Cluster has no other.
            Way::Cluster => database == 0,
        };
        let is_tls = match tls {
            "redis" => false,
            "rediss" => true,
            _ => return None,
        };
        let (user, password) = (decoded(user)?, decoded(password)?);
        let address = Self { way, is_tls, nodes, user, password, database, authorities: None };
        is_possible.then_some(address)
    }

    /// Believes these authorities, in PEM, and no others.
    #[must_use]
    pub fn believing(self, authorities: Option<Vec<u8>>) -> Self {
        Self { authorities, ..self }
    }

    /// Whether what is said crosses a network without encryption.
    pub fn is_plaintext(&self) -> bool {
        !self.is_tls && !self.nodes.iter().all(|(host, _)| is_loopback(host))
    }

    /// How the way there is secured, for people.
    pub fn security(&self) -> &'static str {
        if self.is_tls {
            "by TLS, with the server's certificate verified"
        } else if self.is_plaintext() {
            "not encrypted"
        } else {
            "on this machine"
        }
    }

    /// Host and port of every node that was named.
    pub(super) fn place(&self) -> String {
        let nodes = self.nodes.iter().map(|(host, port)| {
            if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
        });
        nodes.collect::<Vec<_>>().join(",")
    }

    /// Every node that was named.
    pub(super) fn nodes(&self) -> impl Iterator<Item = ConnectionAddr> {
        self.nodes.iter().cloned().map(|(host, port)| {
            if self.is_tls {
                ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
            } else {
                ConnectionAddr::Tcp(host, port)
            }
        })
    }

    /// How to introduce ourselves to a node.
    pub(super) fn introduced(&self, node: ConnectionAddr) -> Result<ConnectionInfo, RedisError> {
        Ok(node.into_connection_info()?.set_redis_settings(self.introduction()))
    }

    /// Who we are.
    ///
    /// Version 3 of the protocol tells at once when the server goes away, so that the first
    /// request after its return does not meet a dead connection.
    pub(super) fn introduction(&self) -> RedisConnectionInfo {
        let mut who = RedisConnectionInfo::default()
            .set_protocol(ProtocolVersion::RESP3)
            .set_db(self.database.into());
        if let Some(user) = &self.user {
            who = who.set_username(user);
        }
        if let Some(password) = &self.password {
            who = who.set_password(password);
        }
        who
    }

    /// Whom we believe; `None` is whom the system believes, or nobody where there is no TLS.
    pub(super) fn certificates(&self) -> Option<TlsCertificates> {
        let authorities = self.authorities.clone().filter(|_| self.is_tls)?;
        Some(TlsCertificates { client_tls: None, root_cert: Some(authorities) })
    }
}

/// Whether a host is this machine.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|it| it.is_loopback())
}

/// Without user name and password, as the operator would write it: whoever leaves out the colon has a password in the
/// user's place.
impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, path) = match &self.way {
            Way::One => ("", String::new()),
            Way::Sentinel { master } => ("+sentinel", format!("{master}/")),
            Way::Cluster => ("+cluster", String::new()),
        };
        let tls = if self.is_tls { "s" } else { "" };
        write!(f, "redis{tls}{kind}://{}/{path}{}", self.place(), self.database)
    }
}

/// `host`, `host:port` or `[v6]:port`.
fn node(text: &str, port: u16) -> Option<(String, u16)> {
    let url = Url::parse(&format!("redis://{text}")).ok()?;
    let is_node = url.path().is_empty() && url.username().is_empty() && url.password().is_none();
    let host = match url.host().filter(|_| is_node)? {
        Host::Domain("") => return None,
        Host::Domain(name) => name.to_owned(),
        Host::Ipv4(it) => it.to_string(),
        Host::Ipv6(it) => it.to_string(),
    };
    Some((host, url.port().unwrap_or(port)))
}

/// A part of a URL, `None` inside when it is empty.
#[expect(clippy::option_option, reason = "no part is not a wrong part")]
fn decoded(part: &str) -> Option<Option<String>> {
    let text = percent_decode_str(part).decode_utf8().ok()?.into_owned();
    Some((!text.is_empty()).then_some(text))
}
