//! A certificate authority of a test, made by openssl, and certificates that it signs.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// A certificate authority that is trusted only where a test configures it.
pub struct Authority(TempDir);

/// A certificate and its key, as PEM files.
pub struct Certificate {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

impl Authority {
    pub fn new() -> Self {
        let authority = Self(TempDir::new().expect("a folder"));
        authority.make("ca", &["-addext", "basicConstraints=critical,CA:TRUE"]);
        authority
    }

    /// Returns the file with the CA certificate.
    pub fn file(&self) -> PathBuf {
        self.0.path().join("ca.pem")
    }

    /// Signs a certificate for names such as `DNS:localhost,IP:127.0.0.1`.
    pub fn sign(&self, name: &str, names: &str) -> Certificate {
        let (file, key) = (self.file(), self.0.path().join("ca.key"));
        let names = format!("subjectAltName={names}");
        let is = ["-addext", "basicConstraints=critical,CA:FALSE", "-addext", &names];
        let by = ["-CA", &file.display().to_string(), "-CAkey", &key.display().to_string()];
        self.make(name, &[is, by].concat())
    }

    fn make(&self, name: &str, how: &[&str]) -> Certificate {
        let path = |end: &str| self.0.path().join(format!("{name}.{end}"));
        let made = Certificate { certificate: path("pem"), key: path("key") };
        let mut command = Command::new("openssl");
        command
            .args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes".split(' '));
        command.args(["-days", "2", "-subj", &format!("/CN={name}")]).args(how);
        command.arg("-out").arg(&made.certificate).arg("-keyout").arg(&made.key);
        let done = command.stderr(Stdio::null()).status().expect("openssl");
        assert!(done.success(), "openssl made no {name}");
        made
    }
}
