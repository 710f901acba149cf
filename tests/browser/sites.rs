//! A page of another site, whose reader signs in here and comes back.

use std::net::SocketAddr;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, web};
use fantoccini::cookies::Cookie;
use serde_json::json;
use test_support::{
    app::{PASSWORD, fresh_mobile},
    databases::required_part,
    guide::nginx_of_sites,
    processes::{Process, free_port},
};

use crate::person::{Script, on_each_with};

/// A shop on an origin of its own.
fn shop() -> (SocketAddr, ServerHandle) {
    let page = async |request: HttpRequest| {
        // What a proxy has said of the reader.
        let user = request.headers().get("x-haoma-user-id");
        let user = user.map_or("nobody", |id| id.to_str().expect("digits"));
        HttpResponse::Ok().content_type("text/html").body(format!(
            "<!doctype html><title>Shop</title><link rel=\"icon\" href=\"data:,\"><p>Shop of {user}</p>\
             <form method=\"post\" action=\"/.haoma/logout?next=/cart\"><button>Leave</button></form>"
        ))
    };
    let server = HttpServer::new(move || App::new().route("/cart", web::get().to(page)));
    let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).expect("binds");
    let address = *server.addrs().first().expect("an address");
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(server);
    (address, handle)
}

/// The page and the script of the shop, and forms without scripts, as Chromium allows them.
#[tokio::test]
async fn a_person_signs_in_for_a_shop_comes_back_and_signs_out_there() {
    for script in [Script::On, Script::Off] {
        let (address, handle) = shop();
        let cart = format!("http://{address}/cart");
        let sites = format!("http://{address}");
        on_each_with(&[("SITES", &sites)], script, async |person| {
            let mobile = fresh_mobile();
            person.app.client().register(&mobile).await;
            let next = url::form_urlencoded::byte_serialize(cart.as_bytes()).collect::<String>();
            person.open(&format!("/login?by=password&next={next}")).await;
            person.type_into("login", &mobile).await;
            person.type_into("password", "not the right one").await;
            person.press("登录").await;
            person.sees("账号或密码错误").await;
            person.type_into("password", PASSWORD).await;
            person.press("登录").await;
            person
                .until("the shop", async || {
                    let at = person.browser.current_url().await.ok()?;
                    (at.as_str() == cart).then_some(())
                })
                .await;
            if !person.has_scripts().await {
                return;
            }
            let ask = async |path: &str, options: serde_json::Value| {
                let script = "const [url, options, done] = arguments; \
                    fetch(url, { credentials: 'include', ...options }) \
                        .then((reply) => reply.json()).then(done, (error) => done(`${error}`));";
                let url = json!(format!("{}{path}", person.app.base));
                person.browser.execute_async(script, vec![url, options]).await.expect("runs")
            };
            let who = ask("/api/v1/session", json!({})).await;
            assert_eq!(who["errno"], "0", "{who}");
            let token = ask("/api/v1/session/jwt", json!({})).await;
            assert!(token["data"]["token"].is_string(), "{token}");
            let devices = ask("/api/v1/user/devices", json!({})).await;
            assert!(devices.as_str().is_some_and(|error| error.contains("fetch")), "{devices}");
            ask("/api/v1/session", json!({ "method": "DELETE" })).await;
            let nobody = ask("/api/v1/session", json!({})).await;
            assert_eq!(nobody["errno"], "4101", "{nobody}");
        })
        .await;
        handle.stop(true).await;
    }
}

/// The shop has another host than we, so that no cookie is shared; nginx has the configuration of docs/proxies.md.
#[tokio::test]
async fn a_person_signs_in_for_a_shop_on_another_host_behind_nginx_and_signs_out_there() {
    let Some(_) = required_part("TEST_NGINX") else { return };
    for script in [Script::On, Script::Off] {
        let (port, (address, handle)) = (free_port(), shop());
        let (own, site) = (format!("http://127.0.0.1:{port}"), format!("http://localhost:{port}"));
        let cart = format!("{site}/cart");
        let settings = [("PUBLIC_URL", &*own), ("SITES", &*site)];
        on_each_with(&settings, script, async |person| {
            let haoma = person.app.base.strip_prefix("http://").expect("http");
            let block = nginx_of_sites(&format!("127.0.0.1:{port}"), &address.to_string(), haoma);
            let proxy = Process::nginx(port, &block).await;
            let mobile = fresh_mobile();
            let registered = person.app.client().register(&mobile).await.json();
            let id = registered["data"]["id"].to_string();
            let is_at = async |begin: &str| {
                person
                    .until(begin, async || {
                        let at = person.browser.current_url().await.ok()?;
                        at.as_str().starts_with(begin).then_some(at)
                    })
                    .await
            };
            person.browser.goto(&cart).await.expect("a page");
            let login = is_at(&format!("{own}/login?next=")).await;
            person.browser.goto(&format!("{login}&by=password")).await.expect("a page");
            person.type_into("login", &mobile).await;
            person.type_into("password", PASSWORD).await;
            person.press("登录").await;
            assert_eq!(is_at(&cart).await.as_str(), cart);
            person.sees(&format!("Shop of {id}")).await;

            // Our own cookie is not the shop's.
            let cookies = person.browser.get_all_cookies().await.expect("answers");
            let names: Vec<_> = cookies.iter().map(Cookie::name).collect();
            assert!(names.contains(&"haoma_site") && !names.contains(&"haoma"), "{names:?}");

            person.press("Leave").await;
            is_at(&format!("{own}/login?next=")).await;
            person.browser.goto(&cart).await.expect("a page");
            is_at(&format!("{own}/login?next=")).await;
            drop(proxy);
        })
        .await;
        handle.stop(true).await;
    }
}
