//! `deploy/nginx.conf` behind another nginx, where TLS ends.

use std::process::Command;

use tempfile::TempDir;
use test_support::{
    app::{TestApp, on_each_backends},
    databases::required_part,
    logs,
    nginx::nginx_of_two,
    processes::{Process, free_port},
    tls_ca::Authority,
};
use tokio::task::spawn_blocking;

use super::NGINX;

/// Both proxies, and the authority that signed the certificate of the outer one.
struct Row {
    https: u16,
    http: u16,
    authority: Authority,
    _proxies: [Process; 2],
}

impl Row {
    /// Starts them with `deploy/nginx.conf`, which `change` may modify.
    async fn start(haoma: u16, https: u16, change: impl Fn(String) -> String) -> Self {
        let (authority, http) = (Authority::new(), free_port());
        let signed = authority.sign("outer", "DNS:localhost");
        let (certificate, key) = (signed.certificate.display(), signed.key.display());
        let outer = format!(
            "server {{\n  listen 127.0.0.1:{https} ssl;\n  ssl_certificate {certificate};\n  \
             ssl_certificate_key {key};\n  location / {{\n    proxy_pass http://127.0.0.1:{http};\n    \
             proxy_set_header Host $http_host;\n    \
             proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n    \
             proxy_set_header X-Forwarded-Proto $scheme;\n  }}\n}}\n"
        );
        let inner = Process::nginx(http, &change(nginx_of_two(http, [haoma, haoma]))).await;
        let outer = Process::nginx(https, &outer).await;
        Self { https, http, authority, _proxies: [outer, inner] }
    }

    /// Returns the head of the answer to a client at 127.0.7.9.
    async fn ask(&self, curl: &str, scheme: &str, arguments: &[&str], path: &str) -> String {
        let port = if scheme == "https" { self.https } else { self.http };
        let mut command = Command::new(curl);
        command.args(["-sS", "-D", "-", "-o", "/dev/null", "--interface", "127.0.7.9"]);
        command.arg("--cacert").arg(self.authority.file());
        command.args(["-H", &format!("Host: localhost:{}", self.https)]).args(arguments);
        command.arg(format!("{scheme}://localhost:{port}{path}"));
        let output = spawn_blocking(move || command.output()).await.expect("ends").expect("curl");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("a text")
    }
}

fn port_of(app: &TestApp) -> u16 {
    app.base.rsplit(':').next().expect("a port").parse().expect("a number")
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(header, _)| header.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
}

/// Returns the settings of a Haoma behind both.
fn settings(url: &str) -> [(&str, &str); 2] {
    [("PUBLIC_URL", url), ("TRUSTED_PROXIES", "127.0.0.1")]
}

#[tokio::test]
async fn the_scheme_and_address_of_the_outer_proxy_are_passed_on() {
    let Some(_) = required_part(NGINX) else { return };
    let Some(curl) = required_part("TEST_CURL") else { return };
    logs::install();
    on_each_backends(async |backends| {
        let https = free_port();
        let url = format!("https://localhost:{https}");
        let app = backends.open(&settings(&url)).await;
        let row = Row::start(port_of(&app), https, |inner| inner).await;

        let page = row.ask(&curl, "https", &[], "/login").await;
        let api =
            row.ask(&curl, "https", &["-H", "X-Forwarded-For: 6.6.6.6"], "/api/v1/session").await;
        assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
        assert!(api.starts_with("HTTP/1.1 401 "), "{api}");
        let lines = logs::lines_of(header(&api, "x-request-id"));
        assert!(!lines.is_empty(), "{api}");
        for line in lines {
            assert!(line.contains(" address=127.0.7.9 "), "{line}");
        }

        // Requests bypass the outer proxy, so that the client chooses all headers.
        for made_up in [&[][..], &["-H", "X-Forwarded-Proto: https"]] {
            let plain = row.ask(&curl, "http", made_up, "/login").await;
            assert!(plain.starts_with("HTTP/1.1 308 "), "{plain}");
            assert_eq!(header(&plain, "location"), format!("{url}/login"));
        }
        app.stop().await;
    })
    .await;
}

#[tokio::test]
async fn doctor_names_the_proxy_that_causes_a_redirect_loop_to_https() {
    let Some(_) = required_part(NGINX) else { return };
    on_each_backends(async |backends| {
        let https = free_port();
        let url = format!("https://localhost:{https}");
        let app = backends.open(&settings(&url)).await;
        let right = "\"$http_x_forwarded_proto, $scheme\"";
        for (wrong, verdict) in [
            (right, "ok       PUBLIC_URL: https://localhost:"),
            ("$scheme", "WRONG    PUBLIC_URL: https://localhost:"),
        ] {
            let row = Row::start(port_of(&app), https, |inner| {
                assert_eq!(inner.matches(right).count(), 1, "deploy/nginx.conf");
                inner.replace(right, wrong)
            })
            .await;
            let folder = TempDir::new().expect("a folder");
            let mut doctor = Command::new(env!("CARGO_BIN_EXE_haoma"));
            doctor.arg("doctor").current_dir(folder.path()).env_clear();
            doctor.env("SSL_CERT_FILE", row.authority.file()).envs(settings(&url));
            let output = spawn_blocking(move || doctor.output()).await.expect("ends");

            let output = output.expect("it runs");
            let log = String::from_utf8(output.stdout).expect("a text");
            assert!(log.contains(verdict), "{log}");
            assert_eq!(log.contains("X-Forwarded-Proto: http"), wrong != right, "{log}");
        }
        app.stop().await;
    })
    .await;
}
