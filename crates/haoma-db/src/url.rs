//! `DATABASE_URL`: a SQLite file, or a MySQL server and how the connection to it is secured.

use std::{
    fmt,
    net::IpAddr,
    path::{Path, PathBuf, absolute},
};

use mysql_async::{Opts, OptsBuilder, SslOpts};
use url::Url;

const WRONG_FORM: &str = "is not of the form mysql://user:password@host:3306/database: in user name and password, write \
    @ and / as %40 and %2F, and % ? # as %25 %3F %23";

/// The database that a `DATABASE_URL` names.
#[derive(Clone)]
pub(crate) enum DatabaseUrl {
    Mysql(MysqlUrl),
    Sqlite(PathBuf),
}

/// A server. It holds the password, so it has no `Debug`, and `Display` prints host and port alone.
#[derive(Clone)]
pub(crate) struct MysqlUrl {
    options: Opts,
    transport_security: TransportSecurity,
    ca_file: Option<PathBuf>,
}

/// How a connection to the database is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportSecurity {
    /// The connection does not leave this machine.
    Local,
    /// TLS, with the server's certificate and host name verified.
    Verified,
    /// No encryption, over a network that the operator has declared to be private.
    Plaintext,
}

impl DatabaseUrl {
    /// Parses `DATABASE_URL`. Anything ambiguous is an error; nothing is guessed.
    ///
    /// The error continues a sentence that begins with the name of the variable, and quotes nothing of the value.
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        if url.starts_with("mysql://") {
            return parse_mysql(url);
        }
        match url.strip_prefix("sqlite://") {
            Some("" | ":memory:") => Err("names no file: write sqlite://haoma.db or \
                 sqlite:///var/lib/haoma/haoma.db"
                .to_owned()),
            Some(path) if path.contains(['?', '#']) => {
                Err("takes no parameters after sqlite://".to_owned())
            }
            // Joined to `.`, so that SQLite does not read a path that begins with `file:` as one of its own URLs.
            Some(path) => Ok(Self::Sqlite(Path::new(".").join(path))),
            None => Err("is neither `sqlite://path/to/file.db` nor \
                 `mysql://user:password@host:3306/database`"
                .to_owned()),
        }
    }

    pub(crate) fn transport_security(&self) -> TransportSecurity {
        match self {
            Self::Mysql(server) => server.transport_security,
            Self::Sqlite(_) => TransportSecurity::Local,
        }
    }
}

/// Names the database for people.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mysql(server) => write!(f, "MySQL at {server}"),
            Self::Sqlite(path) => {
                // If there is no working directory, the path is shown as it was given.
                let absolute_path = absolute(path).unwrap_or_else(|_| path.clone());
                write!(f, "the SQLite file {}", absolute_path.display())
            }
        }
    }
}

/// Prints host and port.
impl fmt::Display for MysqlUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.options.socket() {
            Some(socket) => f.write_str(socket),
            None => write!(f, "{}:{}", self.options.ip_or_hostname(), self.options.tcp_port()),
        }
    }
}

impl MysqlUrl {
    /// Returns the options to connect with, the password among them.
    pub(crate) fn options(&self) -> &Opts {
        &self.options
    }

    pub(crate) fn transport_security(&self) -> TransportSecurity {
        self.transport_security
    }

    /// Returns the file with the CA certificates that are trusted for this server, if one was named.
    pub(crate) fn ca_file(&self) -> Option<&Path> {
        self.ca_file.as_deref()
    }

    /// Returns the name of the database on the server.
    pub(crate) fn database(&self) -> &str {
        self.options.db_name().unwrap_or_default()
    }
}

/// Parses the URL of a MySQL server.
///
/// `ssl_mode` and `ssl_ca` have the names that MySQL's own tools and the diesel CLI use. A server on another machine
/// has to present a valid certificate, unless the operator declares the network private (R115).
fn parse_mysql(text: &str) -> Result<DatabaseUrl, String> {
    if is_ambiguous(text) {
        return Err(WRONG_FORM.to_owned());
    }
    let Ok(mut url) = Url::parse(text) else { return Err(WRONG_FORM.to_owned()) };
    let (mut ssl_mode, mut ca_file, mut other_parameters) = (None, None, Vec::new());
    for (name, value) in url.query_pairs().into_owned() {
        match name.as_str() {
            "ssl_mode" => ssl_mode = Some(value),
            "ssl_ca" => ca_file = Some(PathBuf::from(value)),
            "require_ssl" | "verify_ca" | "verify_identity" | "built_in_roots" => {
                return Err(format!("has `{name}`: write ssl_mode in its place"));
            }
            _ => other_parameters.push((name, value)),
        }
    }
    url.query_pairs_mut().clear().extend_pairs(other_parameters);
    if url.query() == Some("") {
        url.set_query(None);
    }
    let server = Opts::from_url(url.as_str()).ok();
    let server = server.filter(|options| options.db_name().is_some_and(|name| !name.is_empty()));
    let server = server.ok_or_else(|| WRONG_FORM.to_owned())?;
    let is_local = server.socket().is_some() || is_loopback(server.ip_or_hostname());
    let transport_security = match ssl_mode.as_deref() {
        Some("VERIFY_IDENTITY") => TransportSecurity::Verified,
        Some("DISABLED") if !is_local => TransportSecurity::Plaintext,
        Some("DISABLED") => TransportSecurity::Local,
        Some(_) => {
            return Err("has an ssl_mode that is neither VERIFY_IDENTITY nor, where the network is your own, \
                 DISABLED"
                .to_owned());
        }
        None if is_local && ca_file.is_none() => TransportSecurity::Local,
        None => TransportSecurity::Verified,
    };
    let mut server = OptsBuilder::from_opts(server);
    if transport_security == TransportSecurity::Verified {
        server = server.ssl_opts(ssl_options(ca_file.clone())).prefer_socket(false);
    }
    Ok(DatabaseUrl::Mysql(MysqlUrl { options: server.into(), transport_security, ca_file }))
}

/// Trusts the CA certificates in the file and no others, or without a file those that Mozilla trusts.
fn ssl_options(ca_file: Option<PathBuf>) -> SslOpts {
    match ca_file {
        Some(path) => {
            SslOpts::default().with_root_certs(vec![path.into()]).with_disable_built_in_roots(true)
        }
        None => SslOpts::default(),
    }
}

/// Whether an `@` follows the first `/`, `?` or `#` after the scheme.
///
/// By RFC 3986 user name and password end before that character, though the writer may have meant it as a part of the
/// password. The rest of the password would be taken for the host, shown in messages and looked up in DNS.
fn is_ambiguous(url: &str) -> bool {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = after_scheme.split_once(['/', '?', '#']);
    path.is_some_and(|(_, path)| path.contains('@'))
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn security(url: &str) -> Option<TransportSecurity> {
        DatabaseUrl::parse(url).ok().map(|url| url.transport_security())
    }

    /// R115.
    #[test]
    fn a_remote_server_needs_a_certificate_unless_the_network_is_private() {
        for local in ["127.0.0.1", "localhost", "[::1]", "127.0.0.2:3307"] {
            assert_eq!(
                security(&format!("mysql://u:p@{local}/d")),
                Some(TransportSecurity::Local),
                "{local}"
            );
            let url = format!("mysql://u:p@{local}/d?ssl_mode=VERIFY_IDENTITY");
            assert_eq!(security(&url), Some(TransportSecurity::Verified), "{local}");
        }
        for elsewhere in ["db.example", "10.0.0.1", "[2001:db8::1]:3307", "localhost.example"] {
            let url = format!("mysql://u:p%40@{elsewhere}/d");
            assert_eq!(security(&url), Some(TransportSecurity::Verified), "{elsewhere}");
            assert_eq!(
                security(&format!("{url}?ssl_mode=DISABLED")),
                Some(TransportSecurity::Plaintext),
                "{elsewhere}"
            );
            assert_eq!(
                security(&format!("{url}?ssl_ca=/ca.pem")),
                Some(TransportSecurity::Verified),
                "{elsewhere}"
            );
        }
        assert_eq!(security("sqlite://data/haoma.db"), Some(TransportSecurity::Local));
    }

    #[test]
    fn an_at_sign_after_the_host_is_refused() {
        assert!(security("mysql://u:a@b@127.0.0.1/d").is_some());
        for url in ["mysql://u:Ab@Secret99/x@h/d", "mysql://u:1?x@h/d", "mysql://u:1#@h/d"] {
            assert_eq!(security(url), None, "{url}");
        }
    }

    #[test]
    fn partial_verification_is_refused() {
        for parameter in [
            "ssl_mode=REQUIRED",
            "ssl_mode=PREFERRED",
            "ssl_mode=VERIFY_CA",
            "ssl_mode=disabled",
            "require_ssl=true",
            "verify_ca=false",
            "verify_identity=false",
            "unknown=1",
        ] {
            for host in ["db.example", "127.0.0.1"] {
                assert_eq!(
                    security(&format!("mysql://u:p@{host}/d?{parameter}")),
                    None,
                    "{parameter}"
                );
            }
        }
    }
}
