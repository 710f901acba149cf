//! Haoma on a host of its own and a site on another one, behind each proxy: the whole way of a browser between them.

use std::{collections::BTreeMap, process::Command, sync::Mutex};

use reqwest::{
    Method, StatusCode,
    header::{ACCEPT, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN, SET_COOKIE},
};
use tempfile::TempDir;
use test_support::{
    app::{PASSWORD, TestApp, on_each_with},
    client::{FORM, form_of},
    databases::required_part,
    guide::{SHARED_PATHS, nginx_of_sites, of_guide, replace_all},
    processes::{Process, free_port},
};
use tokio::task::spawn_blocking;
use url::Url;

use super::{HTML, KINDS, Kind, NGINX, Proxy, Site, SiteAnswer, registered_user};

/// The hosts of a test, all of them names of this machine: our own, that of the shop, and a site that the proxy does not
/// serve.
struct Hosts {
    own: String,
    shop: String,
    other: String,
}

impl Hosts {
    fn new(port: u16) -> Self {
        Self {
            own: format!("127.0.0.1:{port}"),
            shop: format!("localhost:{port}"),
            other: format!("127.0.0.2:{port}"),
        }
    }
}

/// Returns the configuration of both hosts, as the guide makes it of its blocks.
fn block_of_sites(kind: Kind, hosts: &Hosts, site: &str, haoma: &str) -> String {
    let (of_site, own) = (kind.block(&hosts.own, site, haoma), of_guide(kind.language(), 1));
    let short = of_guide("text", 0).trim().to_owned();
    let names = [("id.example.com", "127.0.0.1"), ("www.example.com", "localhost")];
    let with_names = |block: &str| {
        names.iter().fold(block.to_owned(), |block, (theirs, ours)| block.replace(theirs, ours))
    };
    let shorter = |times| replace_all(&of_site, &[(SHARED_PATHS, short, times)]);
    match kind {
        Kind::Nginx => nginx_of_sites(&hosts.own, site, haoma),
        Kind::Caddy => {
            let of_site = replace_all(
                &shorter(1),
                &[(&format!("http://{} {{", hosts.own), format!("http://{} {{", hosts.shop), 1)],
            );
            let own = replace_all(
                &own,
                &[
                    ("id.example.com {", format!("http://{} {{", hosts.own), 1),
                    ("127.0.0.1:8080", haoma.to_owned(), 1),
                ],
            );
            format!("{of_site}{own}")
        }
        Kind::Haproxy => {
            let own = replace_all(&own, &[("127.0.0.1:8080", haoma.to_owned(), 1)]);
            with_names(&between(
                &of_site,
                "    # Requested by HAProxy itself",
                "\nbackend haoma",
                &own,
            ))
        }
        Kind::Traefik => {
            let own = replace_all(&own, &[("      tls: {}\n", String::new(), 3)]);
            with_names(&between(&of_site, "  routers:", "  middlewares:\n", &own))
        }
    }
}

/// Puts a text in the place of what stands from one mark to another.
fn between(block: &str, from: &str, to: &str, text: &str) -> String {
    let (before, rest) = block.split_once(from).expect("the beginning");
    let (_, after) = rest.split_once(to).expect("the end");
    format!("{before}{text}{to}{after}")
}

/// A browser with the cookies of each host.
struct Browser<'a> {
    proxy: &'a Proxy,
    cookies: Mutex<BTreeMap<String, BTreeMap<String, String>>>,
}

impl<'a> Browser<'a> {
    fn new(proxy: &'a Proxy) -> Self {
        Self { proxy, cookies: Mutex::default() }
    }

    /// Opens a page.
    async fn goes_to(&self, url: &Url) -> SiteAnswer {
        self.asks(Method::GET, url, &[(ACCEPT.as_str(), HTML)], "").await
    }

    /// Sends a form from a page of the same host.
    async fn sends(&self, url: &Url, fields: &[(&str, &str)]) -> SiteAnswer {
        let origin = url.origin().ascii_serialization();
        let headers = [(ORIGIN.as_str(), &*origin), (CONTENT_TYPE.as_str(), FORM)];
        self.asks(Method::POST, url, &headers, &form_of(fields)).await
    }

    async fn asks(
        &self,
        method: Method,
        url: &Url,
        headers: &[(&str, &str)],
        body: &str,
    ) -> SiteAnswer {
        let host = url.authority().to_owned();
        let path = &url[url::Position::BeforePath..];
        let all = [&[(HOST.as_str(), &*host)], headers].concat();
        let mut all: HeaderMap = all
            .into_iter()
            .map(|(name, value)| {
                let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
                (name, HeaderValue::from_str(value).expect("a value"))
            })
            .collect();
        let jar = self.cookies.lock().expect("cookies").get(&host).cloned().unwrap_or_default();
        let jar: Vec<_> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !jar.is_empty() {
            all.insert("cookie", jar.join("; ").parse().expect("cookies"));
        }
        // `headers` replaces the `Origin` that the request has.
        if !all.contains_key(ORIGIN) {
            all.insert(ORIGIN, HeaderValue::from_static("null"));
        }
        let request = self.proxy.request(method, path).headers(all);
        let answer = self.proxy.seen(request.body(body.to_owned())).await;
        let mut jars = self.cookies.lock().expect("cookies");
        let jar = jars.entry(host).or_default();
        for cookie in answer.headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().expect("text");
            let pair = cookie.split(';').next().expect("a pair");
            let (name, value) = pair.split_once('=').expect("a pair");
            if value.is_empty() || cookie.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Follows a redirect, and those after it that lead to another page of Haoma.
    async fn follows(&self, from: &Url, answer: &SiteAnswer) -> (Url, SiteAnswer) {
        let mut url = from.join(answer.location()).expect("an address");
        for _ in 0..4 {
            let answer = self.goes_to(&url).await;
            let is_on_the_way = url.path().starts_with("/.haoma/") || url.path() == "/hand-over";
            if !is_on_the_way || answer.status != StatusCode::SEE_OTHER {
                return (url, answer);
            }
            url = url.join(answer.location()).expect("an address");
        }
        panic!("{:?} leads on and on: {url}", self.proxy.kind);
    }

    /// Opens a page of the shop, signs in on the way, and returns what the shop got in the end.
    async fn signs_in_for(&self, page: &Url, mobile: &str) -> (Url, SiteAnswer) {
        let sent = self.goes_to(page).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{:?}: {sent:?}", self.proxy.kind);
        let (login, form) = self.follows(page, &sent).await;
        assert_eq!((login.path(), form.status), ("/login", StatusCode::OK), "{form:?}");
        let next = login.query_pairs().find(|(name, _)| name == "next").expect("the way back").1;
        let fields = [("login", mobile), ("password", PASSWORD), ("next", &*next)];
        let entered = self.sends(&login, &fields).await;
        self.follows(&login, &entered).await
    }
}

/// Runs a test behind each installed proxy, on both backends.
async fn behind_each(test: impl AsyncFn(&TestApp, &Proxy, &Hosts)) {
    let port = free_port();
    let hosts = Hosts::new(port);
    let (own, sites) =
        (format!("http://{}", hosts.own), format!("http://{},http://{}", hosts.shop, hosts.other));
    on_each_with(&[("PUBLIC_URL", &own), ("SITES", &sites)], async |app| {
        for kind in KINDS {
            let Some(program) = kind.program() else { continue };
            let site = Site::start();
            let haoma = app.base.strip_prefix("http://").expect("http");
            let block = block_of_sites(kind, &hosts, &site.address, haoma);
            let proxy = Proxy::start_with(kind, &program, &hosts.own, &block).await;
            test(app, &proxy, &hosts).await;
            drop(proxy);
            site.handle.stop(false).await;
        }
    })
    .await;
}

fn page_at(host: &str, path: &str) -> Url {
    format!("http://{host}{path}").parse().expect("an address")
}

#[tokio::test]
async fn a_browser_signs_in_on_our_host_comes_back_and_signs_out_at_the_site() {
    behind_each(async |app, proxy, hosts| {
        let (id, mobile) = registered_user(app).await;
        let browser = Browser::new(proxy);
        let page = page_at(&hosts.shop, "/cart?id=7&q=50%25%20off");

        let (reached, known) = browser.signs_in_for(&page, &mobile).await;

        assert_eq!((&reached, known.status), (&page, StatusCode::OK), "{:?}", proxy.kind);
        assert_eq!(known.received("x-haoma-user-id"), [&id]);
        assert_eq!(known.received("x-haoma-mobile"), [&mobile]);
        // The site has these paths to itself.
        for path in ["/login", "/account", "/api/v1/session", "/hand-over", "/static/site.css"] {
            let own = browser.goes_to(&page_at(&hosts.shop, path)).await;
            assert_eq!(own.received("x-haoma-user-id"), [&id], "{:?}: {path}", proxy.kind);
        }
        let account = browser.goes_to(&page_at(&hosts.own, "/account")).await;
        assert!(account.status == StatusCode::OK && account.received.is_empty(), "{account:?}");

        let out = page_at(&hosts.shop, "/.haoma/logout?next=%2Fbye");
        let out = browser.sends(&out, &[]).await;
        assert_eq!((out.status, out.location()), (StatusCode::SEE_OTHER, "/bye"), "{out:?}");
        let away = browser.goes_to(&page).await;
        assert_eq!(away.status, StatusCode::SEE_OTHER, "{away:?}");
        let (login, _) = browser.follows(&page, &away).await;
        assert_eq!(login.path(), "/login", "signed out on our host too");
    })
    .await;
}

#[tokio::test]
async fn programs_without_a_session_get_json_and_tickets_that_fail_a_page() {
    behind_each(async |_, proxy, hosts| {
        let browser = Browser::new(proxy);
        let page = page_at(&hosts.shop, "/cart");
        for method in [Method::GET, Method::POST] {
            browser.asks(method, &page, &[], "").await.assert_not_signed_in();
        }
        let failed = page_at(&hosts.shop, "/.haoma/callback?ticket=x");
        let failed = browser.goes_to(&failed).await;
        assert_eq!(failed.status, StatusCode::FORBIDDEN, "{:?}: {failed:?}", proxy.kind);
        let sheet = failed.body.split('"').find(|part| part.starts_with("/static/haoma."));
        let sheet = page_at(&hosts.shop, sheet.expect("a style sheet"));
        let sheet = browser.goes_to(&sheet).await;
        assert_eq!(sheet.headers[CONTENT_TYPE], "text/css; charset=utf-8", "its look is ours");
    })
    .await;
}

/// The other site has seen the cookie that its reader got there, and tries it at the shop.
#[tokio::test]
async fn a_client_cannot_say_that_it_comes_to_another_site() {
    behind_each(async |app, proxy, hosts| {
        let (_, mobile) = registered_user(app).await;
        let browser = Browser::new(proxy);
        browser.signs_in_for(&page_at(&hosts.shop, "/"), &mobile).await;
        // This proxy does not serve the other site, so the way to it leads past the proxy.
        let (own, other) = (app.client(), app.client());
        own.set_cookies(browser.cookies.lock().expect("cookies")[&hosts.own].clone());
        let at_other = async |path: &str| {
            let request = other.request_without_origin(Method::GET, path);
            let host = HeaderMap::from_iter([(HOST, hosts.other.parse().expect("a host"))]);
            other.send(request.headers(host)).await
        };
        let path_of = |location: &str| {
            let url = Url::parse(location).expect("an address");
            url[url::Position::BeforePath..].to_owned()
        };
        let begun = at_other("/.haoma/start").await;
        let handed = own.get(&path_of(begun.header("location"))).await;
        let arrived = at_other(&path_of(handed.header("location"))).await;
        assert_eq!(arrived.status, StatusCode::SEE_OTHER, "{arrived:?}");
        let thief = Browser::new(proxy);
        thief.cookies.lock().expect("cookies").insert(hosts.shop.clone(), other.cookie_jar());

        let address = format!("http://{}/cart", hosts.other);
        let made_up = [
            ("x-forwarded-host", &*hosts.other),
            ("x-original-url", &address),
            ("x-original-uri", "/cart"),
            ("x-forwarded-uri", "/cart"),
        ];
        let page = page_at(&hosts.shop, "/cart");
        thief.asks(Method::GET, &page, &made_up, "").await.assert_not_signed_in();
        let known = browser.asks(Method::GET, &page, &made_up, "").await;
        assert_eq!(known.status, StatusCode::OK, "{:?}: {known:?}", proxy.kind);
    })
    .await;
}

#[tokio::test]
async fn doctor_names_a_site_whose_proxy_does_not_pass_the_way_on() {
    let Some(_) = required_part(NGINX) else { return };
    let port = free_port();
    let (hosts, site) = (Hosts::new(port), Site::start());
    let (own, shop) = (format!("http://{}", hosts.own), format!("http://{}", hosts.shop));
    on_each_with(&[("PUBLIC_URL", &own), ("SITES", &shop)], async |app| {
        let haoma = app.base.strip_prefix("http://").expect("http");
        let block = nginx_of_sites(&hosts.own, &site.address, haoma);
        for (block, verdict) in [
            (block.clone(), "ok       SITES: "),
            (block.replace(r"\.haoma/|", ""), "WRONG    SITES: "),
        ] {
            let proxy = Process::nginx(port, &block).await;
            let folder = TempDir::new().expect("a folder");
            let mut doctor = Command::new(env!("CARGO_BIN_EXE_haoma"));
            doctor.arg("doctor").current_dir(folder.path()).env_clear();
            doctor.env("PUBLIC_URL", &own).env("SITES", &shop);
            let output = spawn_blocking(move || doctor.output()).await.expect("ends");

            let log = String::from_utf8(output.expect("it runs").stdout).expect("a text");
            assert!(log.contains(&format!("{verdict}{shop} ")), "{verdict}: {log}");
            drop(proxy);
        }
    })
    .await;
    site.handle.stop(false).await;
}
