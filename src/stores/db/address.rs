//! `DATABASE_URL`: a file, or a server and how the way there is secured.

use std::{
    fmt,
    net::IpAddr,
    path::{Path, PathBuf, absolute},
};

use mysql_async::{Opts, OptsBuilder, SslOpts};
use url::Url;

use super::{
    blocking::BlockingMysql, connect_error, connection::Connection, either::Either, file, mysql,
};
use crate::{domain::url_credentials, stores::OpenError};

const FORM: &str = "is not of the form mysql://user:password@host:3306/database: in user name and password, write \
    @ and / as %40 and %2F, and % ? # as %25 %3F %23";

/// Where the database is.
#[derive(Clone)]
pub(super) enum Address {
    Mysql(Server),
    Sqlite(PathBuf),
}

/// A server, with the password: never printed.
#[derive(Clone)]
pub(super) struct Server {
    options: Opts,
    way: Way,
    /// A file of the operator's own.
    authorities: Option<PathBuf>,
}

/// How what is said to a server gets there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It does not leave this machine.
    Local,
    /// By TLS, with the server's certificate and name verified.
    Verified,
    /// Over a network that the operator has called their own.
    Open,
}

impl Address {
    /// Reads `DATABASE_URL`; whatever it is not sure of is refused, never guessed.
    ///
    /// The sentence of a refusal goes on behind the name of the variable, and quotes nothing of its value.
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        if url.starts_with("mysql://") {
            return server(url);
        }
        match url.strip_prefix("sqlite://") {
            Some("" | ":memory:") => Err("names no file: write sqlite://haoma.db or \
                 sqlite:///var/lib/haoma/haoma.db"
                .to_owned()),
            Some(path) if path.contains(['?', '#']) => {
                Err("takes no parameters after sqlite://".to_owned())
            }
            // In front of a relative path, so that SQLite does not read `file:` as one of its own URLs.
            Some(path) => Ok(Self::Sqlite(Path::new(".").join(path))),
            None => Err("is neither `sqlite://path/to/file.db` nor \
                 `mysql://user:password@host:3306/database`"
                .to_owned()),
        }
    }

    /// Opens one connection for whoever cannot await.
    pub(super) fn open_blocking(&self) -> Result<Either, OpenError> {
        match self {
            Self::Mysql(server) => {
                let opened = BlockingMysql::open(&server.options).map(Either::Mysql);
                opened.map_err(|error| connect_error::explain(server, &error))
            }
            Self::Sqlite(path) => file::open(path).map(Either::Sqlite),
        }
    }

    pub(super) fn way(&self) -> Way {
        match self {
            Self::Mysql(server) => server.way,
            Self::Sqlite(_) => Way::Local,
        }
    }
}

/// Where it is, for people.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mysql(server) => write!(f, "MySQL at {server}"),
            Self::Sqlite(path) => {
                // Where that cannot be said, the path as it was given is good enough.
                let whole = absolute(path).unwrap_or_else(|_| path.clone());
                write!(f, "the SQLite file {}", whole.display())
            }
        }
    }
}

/// Host and port.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.options.socket() {
            Some(socket) => f.write_str(socket),
            None => write!(f, "{}:{}", self.options.ip_or_hostname(), self.options.tcp_port()),
        }
    }
}

impl Server {
    /// Opens one connection.
    pub(super) async fn connect(&self) -> Result<Connection, OpenError> {
        let opened = mysql::open(&self.options).await.map(Connection::from);
        opened.map_err(|error| connect_error::explain(self, &error))
    }

    pub(super) fn way(&self) -> Way {
        self.way
    }

    /// The file with the authorities that may have signed its certificate.
    pub(super) fn authorities(&self) -> Option<&Path> {
        self.authorities.as_deref()
    }

    /// The database's name there.
    pub(super) fn database(&self) -> &str {
        self.options.db_name().unwrap_or_default()
    }

    /// It answers, and this is what it does.
    pub(super) fn refuses(&self, what: &str) -> OpenError {
        OpenError::refused(format!("DATABASE_URL: MySQL at {self} {what}"))
    }

    /// Nobody is there.
    pub(super) fn is_away(&self, why: &str) -> OpenError {
        OpenError::unreachable(format!(
            "DATABASE_URL: MySQL at {self} cannot be reached ({why}): start it, or correct host and port"
        ))
    }
}

/// `ssl_mode` and `ssl_ca` are named as in MySQL's own tools, and so for the diesel CLI; a server
/// elsewhere is believed only when it proves who it is (R115).
fn server(text: &str) -> Result<Address, String> {
    if url_credentials::is_ambiguous(text) {
        return Err(FORM.to_owned());
    }
    let Ok(mut url) = Url::parse(text) else { return Err(FORM.to_owned()) };
    let (mut mode, mut authorities, mut others) = (None, None, Vec::new());
    for (name, value) in url.query_pairs().into_owned() {
        match name.as_str() {
            "ssl_mode" => mode = Some(value),
            "ssl_ca" => authorities = Some(PathBuf::from(value)),
            "require_ssl" | "verify_ca" | "verify_identity" | "built_in_roots" => {
                return Err(format!("has `{name}`: write ssl_mode in its place"));
            }
            _ => others.push((name, value)),
        }
    }
    url.query_pairs_mut().clear().extend_pairs(others);
    if url.query() == Some("") {
        url.set_query(None);
    }
    let server = Opts::from_url(url.as_str()).ok();
    let server = server.filter(|it| it.db_name().is_some_and(|name| !name.is_empty()));
    let server = server.ok_or_else(|| FORM.to_owned())?;
    let is_local = server.socket().is_some() || is_loopback(server.ip_or_hostname());
    let way = match mode.as_deref() {
        Some("VERIFY_IDENTITY") => Way::Verified,
        Some("DISABLED") if !is_local => Way::Open,
        Some("DISABLED") => Way::Local,
        Some(_) => {
            return Err("has an ssl_mode that is neither VERIFY_IDENTITY nor, where the network is your own, \
                 DISABLED"
                .to_owned());
        }
        None if is_local && authorities.is_none() => Way::Local,
        None => Way::Verified,
    };
    let mut server = OptsBuilder::from_opts(server);
    if way == Way::Verified {
        server = server.ssl_opts(believing(authorities.clone())).prefer_socket(false);
    }
    Ok(Address::Mysql(Server { options: server.into(), way, authorities }))
}

/// The authorities in a file and no others, or else those that Mozilla believes.
fn believing(authorities: Option<PathBuf>) -> SslOpts {
    match authorities {
        Some(path) => {
            SslOpts::default().with_root_certs(vec![path.into()]).with_disable_built_in_roots(true)
        }
        None => SslOpts::default(),
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|it| it.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(url: &str) -> Option<Way> {
        Address::parse(url).ok().map(|it| it.way())
    }

    /// R115.
    #[test]
    fn a_server_elsewhere_has_to_prove_its_name_unless_the_network_is_ours() {
        for local in ["127.0.0.1", "localhost", "[::1]", "127.0.0.2:3307"] {
            assert_eq!(way(&format!("mysql://u:p@{local}/d")), Some(Way::Local), "{local}");
            let url = format!("mysql://u:p@{local}/d?ssl_mode=VERIFY_IDENTITY");
            assert_eq!(way(&url), Some(Way::Verified), "{local}");
        }
        for elsewhere in ["db.example", "10.0.0.1", "[2001:db8::1]:3307", "localhost.example"] {
            let url = format!("mysql://u:p%40@{elsewhere}/d");
            assert_eq!(way(&url), Some(Way::Verified), "{elsewhere}");
            assert_eq!(way(&format!("{url}?ssl_mode=DISABLED")), Some(Way::Open), "{elsewhere}");
            assert_eq!(way(&format!("{url}?ssl_ca=/ca.pem")), Some(Way::Verified), "{elsewhere}");
        }
        assert_eq!(way("sqlite://data/haoma.db"), Some(Way::Local));
    }

    #[test]
    fn half_a_verification_is_refused() {
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
                assert_eq!(way(&format!("mysql://u:p@{host}/d?{parameter}")), None, "{parameter}");
            }
        }
    }
}
