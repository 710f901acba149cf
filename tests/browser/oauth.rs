//! A person signs in to an application.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::ServerHandle,
    web::{self, Bytes},
};
use haoma::domain::oauth::client::OauthClient;
use test_support::{
    app::{PASSWORD, fresh_mobile},
    oauth_clients::{new_client, register},
};
use url::form_urlencoded;

use crate::person::{Person, Script, on_each_with};

/// What came to the application: the method, and the query or the form.
type Seen = Arc<Mutex<Vec<(String, String)>>>;

/// An application on an origin of its own, whose callback leads on to another one, as some do.
fn application() -> (SocketAddr, ServerHandle, Seen) {
    let seen = Seen::default();
    let noted = Arc::clone(&seen);
    let server = HttpServer::new(move || {
        let noted = Arc::clone(&noted);
        let callback = move |request: HttpRequest, body: Bytes| {
            let body = String::from_utf8_lossy(&body).into_owned();
            let sent = if body.is_empty() { request.query_string().to_owned() } else { body };
            noted.lock().expect("seen").push((request.method().to_string(), sent));
            async {
                HttpResponse::Ok()
                    .content_type("text/html")
                    .body("<!doctype html><title>Wiki</title><h1 id=wiki>Wiki</h1>")
            }
        };
        App::new().route("/callback", web::to(callback))
    });
    let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).expect("binds");
    let address = *server.addrs().first().expect("an address");
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(server);
    (address, handle, seen)
}

/// Opens the application's link, as somebody with this number.
async fn begin(person: &Person<'_>, address: SocketAddr, mode: &str, mobile: &str) {
    let callback = format!("http://{address}/callback");
    let foreign = OauthClient { is_own: false, ..new_client(&callback) };
    let client = register(person.app, foreign, None).await;
    let query = [
        ("response_type", "code"),
        ("response_mode", mode),
        ("client_id", &*client.id),
        ("redirect_uri", &*callback),
        ("scope", "openid phone"),
        ("state", "a & b"),
        ("login_hint", mobile),
    ];
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    person.open(&format!("/oauth/authorize?{query}")).await;
}

/// Types a wrong password and then the right one, and allows what the application asks. The number is filled in already.
async fn sign_in_and_allow(person: &Person<'_>) {
    person.click("a[href*='by=password']").await;
    person.type_into("password", "not the right one").await;
    person.press("登录").await;
    person.sees("账号或密码错误").await;
    person.type_into("password", PASSWORD).await;
    person.press("登录").await;
    person.has(".scopes").await;
    person.sees("你的手机号").await;
    person.press("同意").await;
}

/// The policies of the pages let their forms lead to the application, with scripts and without.
#[tokio::test]
async fn a_person_signs_in_to_an_application_and_consents() {
    for script in [Script::On, Script::Off] {
        for mode in ["query", "form_post"] {
            let (address, handle, seen) = application();
            on_each_with(&[], script, async |person| {
                let mobile = fresh_mobile();
                person.app.client().register(&mobile).await;
                begin(person, address, mode, &mobile).await;
                sign_in_and_allow(person).await;
                if mode == "form_post" && matches!(script, Script::Off) {
                    person.press("继续").await;
                }
                person.has("#wiki").await;
                let (method, sent) = seen.lock().expect("seen").pop().expect("a request");
                assert_eq!(method, if mode == "query" { "GET" } else { "POST" });
                let sent: Vec<_> = form_urlencoded::parse(sent.as_bytes()).collect();
                let value = |name: &str| {
                    let found = sent.iter().find(|(key, _)| key == name);
                    found.map(|(_, value)| value.to_string()).unwrap_or_default()
                };
                assert!(value("code").starts_with("haoma_ac_"), "{sent:?}");
                assert_eq!(value("state"), "a & b");
                assert_eq!(value("iss"), person.app.base);
            })
            .await;
            handle.stop(true).await;
        }
    }
}
