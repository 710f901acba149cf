//! A browser on our own host and on the sites, as their proxies pass its requests on.

use reqwest::{
    Method, RequestBuilder, StatusCode,
    header::{HOST, HeaderMap},
};
use test_support::client::{TestClient, TestResponse};
use url::Url;

pub(super) const OWN: &str = "https://id.example.com";
pub(super) const SHOP: &str = "https://shop.example.net";
pub(super) const SETTINGS: [(&str, &str); 2] =
    [("PUBLIC_URL", OWN), ("SITES", "https://shop.example.net,https://www.example.com")];

/// Asks as the proxy of a site passes a request on.
pub(super) async fn at(host: &str, browser: &TestClient<'_>, path: &str) -> TestResponse {
    let request = browser.request_without_origin(Method::GET, path);
    browser.send(with_host(host, request)).await
}

/// Returns a request with this `Host`.
pub(super) fn with_host(host: &str, request: RequestBuilder) -> RequestBuilder {
    request.headers(HeaderMap::from_iter([(HOST, host.parse().expect("a host"))]))
}

pub(super) async fn at_shop(browser: &TestClient<'_>, path: &str) -> TestResponse {
    at("shop.example.net", browser, path).await
}

/// Asks who is signed in at the shop.
pub(super) async fn who(browser: &TestClient<'_>, uri: &str) -> TestResponse {
    let request = browser.request_without_origin(Method::GET, "/api/v1/forward-auth");
    let request = request.header("x-forwarded-uri", uri).header("accept", "text/html");
    let request = request.header("x-forwarded-host", "shop.example.net");
    browser.send(request).await
}

/// Returns the path and query of a redirect to this origin.
#[track_caller]
pub(super) fn redirected(response: &TestResponse, origin: &str) -> String {
    assert_eq!(response.status, StatusCode::SEE_OTHER, "{response:?}");
    let to = Url::parse(response.header("location")).expect("an address");
    assert_eq!(to.origin().ascii_serialization(), origin, "{to}");
    format!("{}?{}", to.path(), to.query().unwrap_or_default())
}

/// Begins at the shop, and returns the path with the ticket that our own host redirects to.
pub(super) async fn ticket(own: &TestClient<'_>, shop: &TestClient<'_>) -> String {
    let begun = at_shop(shop, "/.haoma/start?next=%2Fcart%3Fid%3D7").await;
    let handed = own.get(&redirected(&begun, OWN)).await;
    redirected(&handed, SHOP)
}

/// Goes the whole way from the shop to our own host and back.
pub(super) async fn arrive(own: &TestClient<'_>, shop: &TestClient<'_>) -> TestResponse {
    let ticket = ticket(own, shop).await;
    let arrived = at_shop(shop, &ticket).await;
    assert_eq!(arrived.status, StatusCode::SEE_OTHER, "{arrived:?}");
    arrived
}
