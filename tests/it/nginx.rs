//! The nginx of docs/nginx.md, word for word, in front of a site and of Haoma.

use std::{
    fs,
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, web};
use haoma::stores::sessions;
use reqwest::{
    Client, Method, RequestBuilder, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE},
    redirect::Policy,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::{
    databases::given,
    faces::tokens::text_at,
    haoma::{Haoma, PASSWORD, fresh_mobile, on_each},
    processes::free_port,
};

const ASKED: &str = "/orders?id=7";

/// A site that tells what it is told.
struct Site {
    address: String,
    handle: ServerHandle,
}

impl Site {
    fn start() -> Self {
        let tell = async |request: HttpRequest| {
            let headers = request.headers().iter();
            let said: Vec<_> =
                headers.map(|(name, it)| (name.to_string(), it.to_str().expect("text"))).collect();
            HttpResponse::Ok().json(said)
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

/// A running nginx, ended with the test.
struct Nginx {
    process: Child,
    base: String,
    _folder: TempDir,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        self.process.kill().expect("ends");
        self.process.wait().expect("has ended");
    }
}

impl Nginx {
    async fn start(binary: &str, site: &str, haoma: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        let address = format!("127.0.0.1:{}", free_port());
        let settings = folder.path().join("nginx.conf");
        fs::write(&settings, around(&of_guide(&address, site, haoma), folder.path()))
            .expect("written");
        let mut process = Command::new(binary)
            .arg("-e")
            .arg(folder.path().join("error.log"))
            .arg("-c")
            .arg(&settings)
            .stdout(Stdio::null())
            .spawn()
            .expect("starts");
        let since = Instant::now();
        while TcpStream::connect(&address).is_err() {
            assert!(process.try_wait().expect("answers").is_none(), "nginx ended");
            assert!(since.elapsed() < Duration::from_secs(10), "nginx does not listen");
            sleep(Duration::from_millis(20)).await;
        }
        Self { process, base: format!("http://{address}"), _folder: folder }
    }

    /// A request without cookies, as a browser on the site's own pages sends it.
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let client = Client::builder().redirect(Policy::none()).no_proxy().build();
        client
            .expect("a client")
            .request(method, format!("{}{path}", self.base))
            .header(ORIGIN, &self.base)
    }

    /// Whom the site takes a request for.
    async fn seen(&self, request: RequestBuilder) -> Seen {
        let response = request.send().await.expect("an answer");
        let (status, location) = (response.status(), response.headers().get(LOCATION).cloned());
        let location = location.map(|it| it.to_str().expect("text").to_owned());
        let body = response.text().await.expect("a body");
        let told: Vec<(String, String)> = serde_json::from_str(&body).unwrap_or_default();
        let names = told.into_iter().filter(|(name, _)| name.contains("haoma"));
        Seen { status, location, haoma: names.collect() }
    }
}

#[derive(Debug)]
struct Seen {
    status: StatusCode,
    location: Option<String>,
    /// The headers about who is there, as the site gets them.
    haoma: Vec<(String, String)>,
}

impl Seen {
    fn is_sent_to_sign_in(&self) -> bool {
        self.status == StatusCode::SEE_OTHER
            && self.location == Some(format!("/login?next={ASKED}"))
    }

    fn told(&self, name: &str) -> Vec<&str> {
        self.haoma.iter().filter(|(it, _)| it == name).map(|(_, it)| it.as_str()).collect()
    }
}

/// The block of docs/nginx.md, with free ports, without TLS, and otherwise untouched.
fn of_guide(address: &str, site: &str, haoma: &str) -> String {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/nginx.md");
    let guide = fs::read_to_string(guide).expect("docs/nginx.md");
    let (_, block) = guide.split_once("```nginx\n").expect("a block for nginx");
    let (block, _) = block.split_once("```").expect("its end");
    let mut block = block.to_owned();
    for (theirs, ours) in [
        ("listen 443 ssl;", format!("listen {address};")),
        ("server 127.0.0.1:8080;", format!("server {haoma};")),
        ("server 127.0.0.1:3000;", format!("server {site};")),
        ("ssl_certificate ", "# ssl_certificate ".to_owned()),
        ("ssl_certificate_key ", "# ssl_certificate_key ".to_owned()),
    ] {
        assert_eq!(block.matches(theirs).count(), 1, "{theirs} in docs/nginx.md");
        block = block.replace(theirs, &ours);
    }
    block
}

/// What Debian's own nginx.conf has around it; everything that is written goes into the folder.
pub(crate) fn around(block: &str, folder: &Path) -> String {
    let folder = folder.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|it| format!("    {it}_temp_path {folder}/{it};\n"))
        .concat();
    format!(
        "daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nevents {{}}\n\
         http {{\n    access_log off;\n{temporary}\n{block}\n}}\n"
    )
}

/// Runs a test behind nginx on both homes, when there is an nginx.
async fn behind_nginx(test: impl AsyncFn(&Haoma, &Nginx)) {
    let Some(binary) = given("TEST_NGINX") else { return };
    on_each(async |haoma| {
        let site = Site::start();
        let own = haoma.base.strip_prefix("http://").expect("http");
        let nginx = Nginx::start(&binary, &site.address, own).await;
        test(haoma, &nginx).await;
        drop(nginx);
        site.handle.stop(false).await;
    })
    .await;
}

/// Somebody with an account, its id and number.
async fn somebody(haoma: &Haoma) -> (String, String) {
    let mobile = fresh_mobile();
    let registered = haoma.visitor().register(&mobile).await;
    (registered.json().pointer("/data/id").expect("an id").to_string(), mobile)
}

/// Signs in on the page, behind nginx; the cookie and where it leads.
async fn sign_in(nginx: &Nginx, mobile: &str) -> (String, String) {
    let fields = [("login", mobile), ("password", PASSWORD), ("next", ASKED)];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let form = "application/x-www-form-urlencoded";
    let request = nginx.request(Method::POST, "/login").header(CONTENT_TYPE, form).body(body);
    let entered = request.send().await.expect("an answer");
    assert_eq!(entered.status(), StatusCode::SEE_OTHER);
    let header = |name| entered.headers().get(name).expect("a header").to_str().expect("text");
    let cookie = header(SET_COOKIE).split(';').next().expect("a cookie").to_owned();
    (cookie, header(LOCATION).to_owned())
}

#[tokio::test]
async fn the_site_knows_who_is_there_and_the_rest_signs_in() {
    behind_nginx(async |haoma, nginx| {
        let (id, mobile) = somebody(haoma).await;

        let nobody = nginx.seen(nginx.request(Method::GET, ASKED)).await;
        let posted = nginx.seen(nginx.request(Method::POST, ASKED).body("x=1")).await;
        let page = nobody.location.clone().expect("a way to sign in");
        let page = nginx.request(Method::GET, &page).send().await.expect("an answer");
        let page = page.text().await.expect("a page");
        let sheet =
            page.split('"').find(|it| it.starts_with("/static/haoma.")).expect("a style sheet");
        let sheet = nginx.request(Method::GET, sheet).send().await.expect("an answer");
        let (cookie, led_to) = sign_in(nginx, &mobile).await;
        let request = nginx.request(Method::GET, ASKED).header(COOKIE, &cookie);
        let known = nginx.seen(request).await;
        let request = nginx.request(Method::GET, "/static/site.css").header(COOKIE, &cookie);
        let own_sheet = nginx.seen(request).await;
        let request = nginx.request(Method::POST, ASKED).header(COOKIE, &cookie);
        let large = nginx.seen(request.body("x".repeat(500_000))).await;

        assert!(nobody.is_sent_to_sign_in() && posted.is_sent_to_sign_in(), "{nobody:?}");
        assert!(page.contains(ASKED));
        assert_eq!(sheet.headers()[CONTENT_TYPE], "text/css; charset=utf-8");
        assert_eq!(own_sheet.told("x-haoma-user-id"), [&id], "the site's: {own_sheet:?}");
        assert_eq!(led_to, ASKED);
        assert_eq!(known.status, StatusCode::OK, "{known:?}");
        assert_eq!(known.told("x-haoma-user-id"), [&id]);
        assert_eq!(known.told("x-haoma-mobile"), [&mobile]);
        assert_eq!(known.told("x-haoma-name").len(), 1);
        assert_eq!(known.told("x-haoma-session").len(), 1);
        assert_eq!(large.status, StatusCode::OK, "the body goes to the site only: {large:?}");
    })
    .await;
}

#[tokio::test]
async fn what_a_client_makes_up_does_not_reach_the_site() {
    behind_nginx(async |haoma, nginx| {
        let (id, mobile) = somebody(haoma).await;
        let (cookie, _) = sign_in(nginx, &mobile).await;
        let made_up = |request: RequestBuilder| {
            ["X-Haoma-User-Id", "x-haoma-mobile", "X-Haoma-Name", "X-Haoma-Session"]
                .into_iter()
                .chain(["X_Haoma_User_Id", "X-Haoma_User-Id"])
                .fold(request, |request, name| request.header(name, "1"))
        };

        let nobody = nginx.seen(made_up(nginx.request(Method::GET, ASKED))).await;
        let request = nginx.request(Method::GET, ASKED).header(COOKIE, &cookie);
        let known = nginx.seen(made_up(request)).await;
        let inside = nginx.request(Method::GET, "/api/v1/forward-auth").header(COOKIE, &cookie);
        let inside = inside.send().await.expect("an answer");

        assert!(nobody.is_sent_to_sign_in(), "{nobody:?}");
        assert_eq!(known.told("x-haoma-user-id"), [&id]);
        assert_eq!(known.told("x-haoma-mobile"), [&mobile]);
        assert_eq!(known.haoma.len(), 4, "{known:?}");
        assert_eq!(inside.status(), StatusCode::NOT_FOUND, "only nginx itself asks that");
    })
    .await;
}

#[tokio::test]
async fn whoever_signs_out_is_refused_at_once() {
    behind_nginx(async |haoma, nginx| {
        let (id, mobile) = somebody(haoma).await;
        let (cookie, _) = sign_in(nginx, &mobile).await;
        let body = json!({ "login": mobile, "password": PASSWORD }).to_string();
        let made = nginx.request(Method::POST, "/api/v1/tokens").body(body);
        let made = made.header(CONTENT_TYPE, "application/json").send().await.expect("an answer");
        let made: Value = made.json().await.expect("JSON");
        let token = format!("Bearer {}", text_at(&made, "/data/token"));
        let by_cookie = || nginx.request(Method::GET, ASKED).header(COOKIE, &cookie);
        let by_token = || nginx.request(Method::GET, ASKED).header(AUTHORIZATION, &token);
        assert_eq!(nginx.seen(by_cookie()).await.told("x-haoma-user-id"), [&id]);
        assert_eq!(nginx.seen(by_token()).await.told("x-haoma-user-id"), [&id]);

        let out = nginx.request(Method::POST, "/logout").header(COOKIE, &cookie);
        let out = out.send().await.expect("an answer");
        let after_sign_out = nginx.seen(by_cookie()).await;
        let id: i64 = id.parse().expect("a number");
        let revoked =
            haoma.state.db.write(async move |it| sessions::delete_all(it, id).await).await;
        revoked.expect("answers");
        let after_revoking = nginx.seen(by_token()).await;

        assert_eq!(out.status(), StatusCode::SEE_OTHER);
        assert!(after_sign_out.is_sent_to_sign_in(), "{after_sign_out:?}");
        assert!(after_revoking.is_sent_to_sign_in(), "{after_revoking:?}");
    })
    .await;
}
