//! The proxy configurations of docs/proxies.md, word for word, in front of a site and of Haoma.

mod chained;
mod guarding;
mod sites;

use std::{
    fs,
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, web};
use reqwest::{
    Client, Method, RequestBuilder, StatusCode,
    header::{CONTENT_TYPE, HeaderMap, LOCATION, ORIGIN, SET_COOKIE},
    redirect::Policy,
};
use serde_json::Value;
use tempfile::TempDir;
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each_with},
    client::{FORM, form_of},
    databases::required_part,
    guide::{nginx_of_site, of_guide, replace_all},
    nginx::nginx_conf,
    processes::free_port,
};
use tokio::time::sleep;

const NGINX: &str = "TEST_NGINX";
/// The `Accept` header of a browser that navigates to a page.
const HTML: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// A proxy of the guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Nginx,
    Caddy,
    Haproxy,
    Traefik,
}

const KINDS: [Kind; 4] = [Kind::Nginx, Kind::Caddy, Kind::Haproxy, Kind::Traefik];

impl Kind {
    /// Returns its program, if it is installed.
    fn program(self) -> Option<String> {
        required_part(match self {
            Self::Nginx => NGINX,
            Self::Caddy => "TEST_CADDY",
            Self::Haproxy => "TEST_HAPROXY",
            Self::Traefik => "TEST_TRAEFIK",
        })
    }

    /// Returns the language that marks its code block in the guide.
    fn language(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Caddy => "caddyfile",
            Self::Haproxy => "haproxy",
            Self::Traefik => "yaml",
        }
    }

    /// Returns its block with free ports and without TLS, otherwise unchanged.
    fn block(self, address: &str, site: &str, haoma: &str) -> String {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/haproxy.lua");
        let replaced: Vec<(&str, String, usize)> = match self {
            Self::Nginx => return nginx_of_site(address, site, haoma),
            Self::Caddy => vec![
                ("www.example.com {", format!("http://{address} {{"), 1),
                ("127.0.0.1:8080", haoma.to_owned(), 2),
                ("127.0.0.1:3000", site.to_owned(), 1),
            ],
            Self::Haproxy => vec![
                ("bind :443 ssl crt /etc/ssl/www.example.com.pem", format!("bind {address}"), 1),
                ("/etc/haproxy/haoma.lua", script.display().to_string(), 1),
                ("127.0.0.1:8080", haoma.to_owned(), 2),
                ("127.0.0.1:3000", site.to_owned(), 1),
            ],
            Self::Traefik => vec![
                ("127.0.0.1:8080", haoma.to_owned(), 2),
                ("127.0.0.1:3000", site.to_owned(), 1),
                ("      tls: {}\n", String::new(), 2),
            ],
        };
        replace_all(&of_guide(self.language(), 0), &replaced)
    }

    /// Writes its configuration into a folder, and returns the command that starts it.
    fn set_up(self, program: &str, folder: &Path, address: &str, block: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).env("HOME", folder);
        match self {
            Self::Nginx => {
                fs::write(folder.join("nginx.conf"), nginx_conf(block, folder)).expect("written");
                command.arg("-p").arg(folder).args(["-e", "error.log", "-c", "nginx.conf"]);
            }
            Self::Caddy => {
                let block = format!("{{\n\tadmin off\n}}\n{block}");
                fs::write(folder.join("Caddyfile"), block).expect("written");
                command.args(["run", "--config", "Caddyfile"]);
            }
            Self::Haproxy => {
                fs::write(folder.join("haproxy.cfg"), block).expect("written");
                command.args(["-db", "-f", "haproxy.cfg"]);
            }
            Self::Traefik => {
                fs::write(folder.join("site.yaml"), block).expect("written");
                let own = format!(
                    "entryPoints: {{ www: {{ address: \"{address}\" }} }}\n\
                     providers: {{ file: {{ filename: site.yaml }} }}\n"
                );
                fs::write(folder.join("traefik.yaml"), own).expect("written");
                command.arg("--configFile=traefik.yaml");
            }
        }
        command
    }
}

/// A site that answers with the request that it got.
struct Site {
    address: String,
    handle: ServerHandle,
}

impl Site {
    fn start() -> Self {
        let tell = async |request: HttpRequest| {
            let headers = request.headers().iter();
            let received: Vec<_> = headers
                .map(|(name, value)| (name.to_string(), value.to_str().expect("text")))
                .collect();
            HttpResponse::Ok().json(received)
        };
        let server = HttpServer::new(move || App::new().default_service(web::to(tell)));
        let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).expect("binds");
        let address = server.addrs().first().expect("an address").to_string();
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { address, handle }
    }
}

/// A running proxy, stopped at the end of the test.
struct Proxy {
    kind: Kind,
    process: Child,
    base: String,
    folder: TempDir,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.process.kill().expect("ends");
        self.process.wait().expect("has ended");
    }
}

impl Proxy {
    async fn start(kind: Kind, program: &str, site: &str, haoma: &str) -> Self {
        let address = format!("127.0.0.1:{}", free_port());
        let block = kind.block(&address, site, haoma);
        Self::start_with(kind, program, &address, &block).await
    }

    /// Starts one with this configuration, which passes requests for its own address on to Haoma.
    async fn start_with(kind: Kind, program: &str, address: &str, block: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        let mut command = kind.set_up(program, folder.path(), address, block);
        let log = fs::File::create(folder.path().join("said.log")).expect("a log");
        command.stdout(Stdio::null()).stderr(log);
        let mut proxy = Self {
            kind,
            process: command.spawn().expect("starts"),
            base: format!("http://{address}"),
            folder,
        };
        let since = Instant::now();
        while !proxy.leads_somewhere(address).await {
            let ended = proxy.process.try_wait().expect("answers");
            assert!(ended.is_none(), "{kind:?} ended: {}", proxy.log());
            assert!(since.elapsed() < Duration::from_mins(1), "{kind:?} does not start");
            sleep(Duration::from_millis(20)).await;
        }
        proxy
    }

    /// Whether it listens and has read its configuration, which Traefik does a moment later.
    async fn leads_somewhere(&self, address: &str) -> bool {
        TcpStream::connect(address).is_ok()
            && self
                .request(Method::GET, "/api/v1/session")
                .send()
                .await
                .is_ok_and(|response| response.status() == StatusCode::UNAUTHORIZED)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("said.log")).unwrap_or_default()
    }

    /// Returns a request without cookies, as a script on the site's own pages sends it.
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let client = Client::builder().redirect(Policy::none()).no_proxy().build();
        client
            .expect("a client")
            .request(method, format!("{}{path}", self.base))
            .header(ORIGIN, &self.base)
    }

    /// Sends a request and returns the answer of the site.
    async fn seen(&self, request: RequestBuilder) -> SiteAnswer {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.text().await.expect("a body");
        let received: Vec<(String, String)> = serde_json::from_str(&body).unwrap_or_default();
        SiteAnswer { status, headers, body, received }
    }

    /// Returns the URL of the sign-in page that leads back to an address of the site.
    fn sign_in_page(&self, address: &str) -> String {
        format!("{}/login?{}", self.base, form_of(&[("next", address)]))
    }

    /// Signs in on the page; returns the cookie and the address of the redirect.
    async fn sign_in(&self, mobile: &str, next: &str) -> (String, String) {
        let body = form_of(&[("login", mobile), ("password", PASSWORD), ("next", next)]);
        let request = self.request(Method::POST, "/login").header(CONTENT_TYPE, FORM).body(body);
        let entered = request.send().await.expect("an answer");
        assert_eq!(entered.status(), StatusCode::SEE_OTHER);
        let header = |name| entered.headers().get(name).expect("a header").to_str().expect("text");
        let cookie = header(SET_COOKIE).split(';').next().expect("a cookie").to_owned();
        (cookie, header(LOCATION).to_owned())
    }
}

/// An answer of the site, or of the proxy before it.
#[derive(Debug)]
struct SiteAnswer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
    /// The headers that the site got, if the request reached it.
    received: Vec<(String, String)>,
}

impl SiteAnswer {
    /// Returns the values of a header as the site got it.
    fn received(&self, name: &str) -> Vec<&str> {
        self.received
            .iter()
            .filter(|(reply, _)| reply == name)
            .map(|(_, value)| value.as_str())
            .collect()
    }

    fn location(&self) -> &str {
        self.headers.get(LOCATION).map_or("", |header| header.to_str().expect("text"))
    }

    /// Checks for Haoma's own answer to a program that is not signed in.
    #[track_caller]
    fn assert_not_signed_in(&self) {
        assert_eq!(self.status, StatusCode::UNAUTHORIZED, "{self:?}");
        assert_eq!(self.headers[CONTENT_TYPE], "application/json", "{self:?}");
        let body: Value = serde_json::from_str(&self.body).expect("JSON");
        assert_eq!(body["errno"], "4101", "{self:?}");
    }

    /// Checks for a page that says that the site is not available.
    #[track_caller]
    fn assert_unavailable(&self) {
        assert_eq!(self.status, StatusCode::SERVICE_UNAVAILABLE, "{self:?}");
        let kind = self.headers[CONTENT_TYPE].to_str().expect("text");
        assert!(kind.starts_with("text/html"), "{self:?}");
        assert!(self.body.contains("请稍后再试") && self.body.contains("try again"), "{self:?}");
        assert_eq!(self.headers["retry-after"], "5", "{self:?}");
    }
}

/// Runs a test behind each installed proxy, on both backends.
async fn behind_each(test: impl AsyncFn(&TestApp, &Proxy)) {
    behind_each_with(&[], test).await;
}

/// Does the same with settings of the test's own.
async fn behind_each_with(settings: &[(&str, &str)], test: impl AsyncFn(&TestApp, &Proxy)) {
    on_each_with(settings, async |app| {
        for kind in KINDS {
            let Some(program) = kind.program() else { continue };
            let site = Site::start();
            let own = app.base.strip_prefix("http://").expect("http");
            let proxy = Proxy::start(kind, &program, &site.address, own).await;
            test(app, &proxy).await;
            drop(proxy);
            site.handle.stop(false).await;
        }
    })
    .await;
}

/// Registers a user and returns the id and the number.
async fn registered_user(app: &TestApp) -> (String, String) {
    let mobile = fresh_mobile();
    let registered = app.client().register(&mobile).await;
    (registered.json().pointer("/data/id").expect("an id").to_string(), mobile)
}
