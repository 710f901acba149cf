//! Settings of the database and of Redis.

use std::{fmt, fs};

use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use url::Url;

use super::Env;
use crate::stores::{db::Db, kv::RedisUrl};

/// The database if `DATABASE_URL` is not set.
const DEFAULT_DATABASE: &str = "sqlite://data/haoma.db";

/// The URL of a store, which is printed without user name and password.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionUrl(String);

impl ConnectionUrl {
    /// Returns the whole URL, for the driver only.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ConnectionUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.starts_with("sqlite:") {
            return f.write_str(&self.0);
        }
        let bare = Url::parse(&self.0).ok().and_then(|mut url| {
            let is_bare = url.set_username("").is_ok() && url.set_password(None).is_ok();
            is_bare.then_some(url)
        });
        f.write_str(bare.as_ref().map_or("***", Url::as_str))
    }
}

pub(super) fn database_url(env: &mut Env) -> Option<ConnectionUrl> {
    if !env.is_set("DATABASE_URL") {
        return Some(ConnectionUrl(DEFAULT_DATABASE.to_owned()));
    }
    let url = env.text("DATABASE_URL")?;
    match Db::check_url(&url) {
        Ok(()) => Some(ConnectionUrl(url)),
        Err(message) => {
            env.report("DATABASE_URL", message);
            None
        }
    }
}

/// Reads the URL of Redis. Codes and limits cross a network only encrypted, unless the operator declares the network to
/// be their own (R116).
pub(super) fn redis(env: &mut Env) -> Option<RedisUrl> {
    let expected = "`redis://user:password@host:6379/0` (`rediss` with TLS), \
        `redis+sentinel://user:password@host:26379,host,host/master/0` or \
        `redis+cluster://user:password@host:6379,host,host`; in user name and password, write @ \
        and / as %40 and %2F, and % ? # as %25 %3F %23";
    let ca_certificates = ca_certificates(env);
    let allowed = env.switch("ALLOW_PLAIN_REDIS", false);
    let url = env.parse("REDIS_URL", expected, RedisUrl::parse)?;
    if url.is_plaintext() && !allowed {
        let message = "would cross a network without encryption: write rediss:// in place of \
            redis://, or set ALLOW_PLAIN_REDIS=on where the network is your own";
        env.report("REDIS_URL", message);
    }
    Some(url.with_authorities(ca_certificates))
}

fn ca_certificates(env: &mut Env) -> Option<Vec<u8>> {
    let path = env.text("REDIS_CA_FILE")?;
    match fs::read(&path) {
        Ok(pem) if has_certificates(&pem) => Some(pem),
        Ok(_) => {
            env.report(
                "REDIS_CA_FILE",
                format!("names {path}, which holds no certificates in PEM"),
            );
            None
        }
        Err(error) => {
            env.report("REDIS_CA_FILE", format!("names {path}, which cannot be read: {error}"));
            None
        }
    }
}

fn has_certificates(pem: &[u8]) -> bool {
    let mut certificates = CertificateDer::pem_slice_iter(pem).peekable();
    certificates.peek().is_some() && certificates.all(|certificate| certificate.is_ok())
}
