//! `REDIS_URL`: one server, a master that Sentinels monitor, or a Cluster, each with TLS or without.

use std::{fmt, net::IpAddr};

use percent_encoding::percent_decode_str;
use redis::{
    ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _, ProtocolVersion, RedisConnectionInfo,
    RedisError, TlsCertificates,
};
use url::{Host, Url};

use crate::domain::url_credentials;

/// The default port of a Redis server.
const SERVER_PORT: u16 = 6379;
/// The default port of a Sentinel.
const SENTINEL_PORT: u16 = 26_379;

/// The nodes of a Redis, our credentials, and the certificate authorities that we trust.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisUrl {
    pub(super) topology: Topology,
    pub(super) is_tls: bool,
    nodes: Vec<(String, u16)>,
    user: Option<String>,
    password: Option<String>,
    database: u16,
    /// Certificate authorities in PEM that are trusted instead of the system's.
    authorities: Option<Vec<u8>>,
}

/// The kind of the nodes in the URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Topology {
    /// The only server.
    SingleNode,
    /// Sentinels, which know the address of the master of this name.
    Sentinel { master: String },
    /// Some of the nodes of a Cluster. They know the others.
    Cluster,
}

impl RedisUrl {
    /// Parses `redis://…`, `redis+sentinel://…/master` or `redis+cluster://…`, each also with `rediss` for TLS.
    pub fn parse(text: &str) -> Option<Self> {
        // Otherwise a part of a password could be taken for the name of a host or a master, and be logged.
        if url_credentials::is_ambiguous(text) {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        let (tls, kind) = scheme.split_once('+').unwrap_or((scheme, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        // No parameter or fragment is supported. The `redis` crate would take `#insecure` as "do not verify".
        if rest.contains(['?', '#']) {
            return None;
        }
        let (credentials, nodes) = match authority.rsplit_once('@') {
            Some((credentials, nodes)) => (Some(credentials), nodes),
            None => (None, authority),
        };
        let (user, password) =
            credentials.map_or(("", ""), |text| text.split_once(':').unwrap_or((text, "")));
        let (topology, database) = match kind {
            "" => (Topology::SingleNode, path),
            "sentinel" => {
                let (master, database) = path.split_once('/').unwrap_or((path, ""));
                (Topology::Sentinel { master: decode(master)?? }, database)
            }
            "cluster" => (Topology::Cluster, path),
            _ => return None,
        };
        let port = if kind == "sentinel" { SENTINEL_PORT } else { SERVER_PORT };
        let nodes: Vec<_> =
            nodes.split(',').map(|node| parse_node(node, port)).collect::<Option<_>>()?;
        let database = if database.is_empty() { 0 } else { database.parse().ok()? };
        let is_possible = match topology {
            Topology::SingleNode => nodes.len() == 1,
            Topology::Sentinel { .. } => true,
            // A Cluster has no other database.
            Topology::Cluster => database == 0,
        };
        let is_tls = match tls {
            "redis" => false,
            "rediss" => true,
            _ => return None,
        };
        let (user, password) = (decode(user)?, decode(password)?);
        let url = Self { topology, is_tls, nodes, user, password, database, authorities: None };
        is_possible.then_some(url)
    }

    /// Trusts these certificate authorities, in PEM, instead of the system's.
    #[must_use]
    pub fn with_authorities(self, authorities: Option<Vec<u8>>) -> Self {
        Self { authorities, ..self }
    }

    /// Whether the data crosses a network without encryption.
    pub fn is_plaintext(&self) -> bool {
        !self.is_tls && !self.nodes.iter().all(|(host, _)| is_loopback(host))
    }

    /// Describes to the operator how the connections are secured.
    pub fn transport_security(&self) -> &'static str {
        if self.is_tls {
            "by TLS, with the server's certificate verified"
        } else if self.is_plaintext() {
            "not encrypted"
        } else {
            "on this machine"
        }
    }

    /// Host and port of every node in the URL.
    pub(super) fn hosts(&self) -> String {
        let nodes = self.nodes.iter().map(|(host, port)| {
            if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
        });
        nodes.collect::<Vec<_>>().join(",")
    }

    /// Returns every node in the URL.
    pub(super) fn nodes(&self) -> impl Iterator<Item = ConnectionAddr> {
        self.nodes.iter().cloned().map(|(host, port)| {
            if self.is_tls {
                ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
            } else {
                ConnectionAddr::Tcp(host, port)
            }
        })
    }

    /// Returns all that is needed to connect to a node.
    pub(super) fn connection_info(
        &self,
        node: ConnectionAddr,
    ) -> Result<ConnectionInfo, RedisError> {
        Ok(node.into_connection_info()?.set_redis_settings(self.connection_settings()))
    }

    /// Returns the database, our credentials and the version of the protocol.
    ///
    /// With version 3 the client learns at once that the server is gone, so that the first command after its return does
    /// not fail on a dead connection.
    pub(super) fn connection_settings(&self) -> RedisConnectionInfo {
        let mut settings = RedisConnectionInfo::default()
            .set_protocol(ProtocolVersion::RESP3)
            .set_db(self.database.into());
        if let Some(user) = &self.user {
            settings = settings.set_username(user);
        }
        if let Some(password) = &self.password {
            settings = settings.set_password(password);
        }
        settings
    }

    /// Returns the certificate authorities of our own. `None` means the system's, or no TLS at all.
    pub(super) fn certificates(&self) -> Option<TlsCertificates> {
        let authorities = self.authorities.clone().filter(|_| self.is_tls)?;
        Some(TlsCertificates { client_tls: None, root_cert: Some(authorities) })
    }
}

/// Whether a host is this machine, so that no network is crossed.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Prints the URL without user name and password. The user name is left out because an operator who forgets the colon has
/// written the password in its place.
impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, path) = match &self.topology {
            Topology::SingleNode => ("", String::new()),
            Topology::Sentinel { master } => ("+sentinel", format!("{master}/")),
            Topology::Cluster => ("+cluster", String::new()),
        };
        let tls = if self.is_tls { "s" } else { "" };
        write!(f, "redis{tls}{kind}://{}/{path}{}", self.hosts(), self.database)
    }
}

/// Parses `host`, `host:port` or `[v6]:port`.
fn parse_node(text: &str, port: u16) -> Option<(String, u16)> {
    let url = Url::parse(&format!("redis://{text}")).ok()?;
    let is_node = url.path().is_empty() && url.username().is_empty() && url.password().is_none();
    let host = match url.host().filter(|_| is_node)? {
        Host::Domain("") => return None,
        Host::Domain(name) => name.to_owned(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    };
    Some((host, url.port().unwrap_or(port)))
}

/// Decodes a part of the URL. An empty part is `Some(None)`, one that is not UTF-8 is `None`.
#[expect(clippy::option_option, reason = "no part is not a wrong part")]
fn decode(part: &str) -> Option<Option<String>> {
    let text = percent_decode_str(part).decode_utf8().ok()?.into_owned();
    Some((!text.is_empty()).then_some(text))
}
