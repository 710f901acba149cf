//! Where the stores are, and how the way there is secured.

use std::{fmt, fs};

use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use url::Url;

use super::Env;
use crate::stores::kv::RedisAddress;

/// Where a database lies when nothing is set up.
const DEFAULT_DATABASE: &str = "sqlite://data/haoma.db";

/// The address of a store; printed without its password.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionUrl(String);

impl ConnectionUrl {
    /// The whole address, for the driver only.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ConnectionUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(mut url) = Url::parse(&self.0) else { return f.write_str("***") };
        if url.password().is_some() && url.set_password(None).is_err() {
            return f.write_str("***");
        }
        f.write_str(url.as_str())
    }
}

pub(super) fn database_url(env: &mut Env) -> Option<ConnectionUrl> {
    let expected = "`sqlite://path/to/file.db` or `mysql://user:password@host/database`";
    let is_known = |url: &str| {
        url.strip_prefix("sqlite://").is_some_and(|path| !path.is_empty() && path != ":memory:")
            || url.starts_with("mysql://") && names_host(url, |it| it.path().len() > 1)
    };
    if env.text("DATABASE_URL").is_none() {
        return Some(ConnectionUrl(DEFAULT_DATABASE.to_owned()));
    }
    env.parsed("DATABASE_URL", expected, |it| is_known(it).then(|| ConnectionUrl(it.to_owned())))
}

fn names_host(text: &str, and: impl FnOnce(&Url) -> bool) -> bool {
    Url::parse(text).is_ok_and(|it| it.host_str().is_some_and(|host| !host.is_empty()) && and(&it))
}

/// Codes and limits cross a network only encrypted, unless the operator says that it is their own
/// (SECURITY R116).
pub(super) fn redis(env: &mut Env) -> Option<RedisAddress> {
    let expected = "`redis://user:password@host:6379/0` (`rediss` with TLS), \
        `redis+sentinel://user:password@host:26379,host,host/master/0` or \
        `redis+cluster://user:password@host:6379,host,host`; in the password, write @ / ? # as \
        %40 %2F %3F %23";
    let authorities = authorities(env);
    let allowed = env.switch("ALLOW_PLAIN_REDIS", false);
    let address = env.parsed("REDIS_URL", expected, RedisAddress::parse)?;
    if address.is_in_the_open() && !allowed {
        let sentence = "would cross a network without encryption: write rediss:// in place of \
            redis://, or set ALLOW_PLAIN_REDIS=on where the network is your own";
        env.mistake("REDIS_URL", sentence);
    }
    Some(address.believing(authorities))
}

fn authorities(env: &mut Env) -> Option<Vec<u8>> {
    let path = env.text("REDIS_CA_FILE")?;
    match fs::read(path) {
        Ok(pem) if has_certificates(&pem) => Some(pem),
        Ok(_) => {
            env.mistake("REDIS_CA_FILE", "holds no certificates in PEM");
            None
        }
        Err(error) => {
            env.mistake("REDIS_CA_FILE", format!("cannot be read: {error}"));
            None
        }
    }
}

fn has_certificates(pem: &[u8]) -> bool {
    let mut certificates = CertificateDer::pem_slice_iter(pem).peekable();
    certificates.peek().is_some() && certificates.all(|it| it.is_ok())
}
