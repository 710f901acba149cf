//! A page of another site, whose reader signs in here and comes back.

use std::net::SocketAddr;

use actix_web::{App, HttpResponse, HttpServer, dev::ServerHandle, web};
use serde_json::json;
use test_support::app::{PASSWORD, fresh_mobile};

use crate::person::{Script, on_each_with};

/// A shop on an origin of its own.
fn shop() -> (SocketAddr, ServerHandle) {
    let page = || async {
        HttpResponse::Ok().content_type("text/html").body("<!doctype html><title>Shop</title>Shop")
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
