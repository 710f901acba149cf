//! Handlers that panic, never end or lose their client, in a server of the test's own.

use std::time::Duration;

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::ServerHandle,
    middleware::from_fn,
    web::{self, Data},
};
use haoma::{
    config::{Config, Env},
    domain::{clock::Clock, keys::SecretKey},
    http,
    http::state::WebState,
    metrics::Metrics,
    sms,
};
use test_support::{
    client::{TestResponse, client},
    interface::{Interface, message_text},
    logs,
};
use tokio::{
    io::AsyncWriteExt as _,
    net::TcpStream,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{sleep, timeout},
};

const SECRET: &str = "what it fell over";

/// Starts a server with Haoma's middleware around handlers that fail; returns a receiver of their progress as well.
fn start() -> (String, ServerHandle, UnboundedReceiver<&'static str>) {
    // This installs the cryptography of the process, as Haoma does when it starts; the client needs it.
    sms::client::build().expect("a client");
    let config = Config::from_env(Env::from_pairs([])).expect("the defaults");
    let shared = (Metrics::default(), Clock::default());
    let web = WebState::new(&config, None, shared, &SecretKey::new(vec![7; 32]));
    let web = Data::new(web.expect("templates and texts"));
    let (tell, progress) = unbounded_channel();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web.clone())
            .app_data(Data::new(tell.clone()))
            .wrap(from_fn(http::middleware::timeout::run_detached))
            .wrap(from_fn(http::middleware::origin::check_origin))
            .wrap(from_fn(http::middleware::error_response::error_response))
            .route("/{face:.*}falls", web::get().to(falls))
            .route("/{face:.*}stumbles", web::get().to(stumbles))
            .route("/{face:.*}hangs", web::get().to(hangs))
            .route("/takes-its-time", web::get().to(takes_its_time))
            .route("/stands", web::get().to(HttpResponse::Ok))
    })
    // With one worker, the thread that panicked is the one that serves afterwards.
    .workers(1)
    .disable_signals()
    .bind(("127.0.0.1", 0))
    .expect("binds");
    let base = format!("http://{}", server.addrs().first().expect("an address"));
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(server);
    (base, handle, progress)
}

#[expect(clippy::panic, reason = "this is what is tested")]
async fn falls() -> HttpResponse {
    panic!("{SECRET}")
}

async fn stumbles() -> HttpResponse {
    sleep(Duration::from_millis(1)).await;
    falls().await
}

async fn takes_its_time(progress: Data<UnboundedSender<&'static str>>) -> HttpResponse {
    progress.send("begun").expect("a receiver");
    sleep(Duration::from_millis(500)).await;
    progress.send("done").expect("a receiver");
    HttpResponse::Ok().finish()
}

async fn hangs() -> HttpResponse {
    sleep(Duration::from_mins(1)).await;
    HttpResponse::Ok().finish()
}

async fn get(url: String) -> TestResponse {
    let response = client(Duration::from_secs(50)).get(url).send().await.expect("an answer");
    let (status, headers) = (response.status(), response.headers().clone());
    TestResponse { status, headers, body: response.text().await.expect("a body") }
}

/// R103.
#[tokio::test]
async fn a_panicking_handler_is_a_500_without_details() {
    logs::install();
    let (base, server, _) = start();
    // One handler panics at once, the other after it has awaited something.
    let falling = [
        (Interface::Page, "/falls"),
        (Interface::Json, "/api/v1/falls"),
        (Interface::Page, "/stumbles"),
        (Interface::Json, "/api/v1/stumbles"),
    ];
    for (interface, path) in falling {
        for _ in 0..3 {
            let response = get(format!("{base}{path}")).await;
            interface.assert_refused(&response, (500, "4500"), "error-internal", &[]);
            assert!(!response.headers_and_body().contains(SECRET), "{response:?}");
            assert_eq!(response.header("cache-control"), "no-store");
            assert_eq!(response.header("x-content-type-options"), "nosniff");
            let lines = logs::lines_of(response.header("x-request-id")).join("\n");
            assert!(lines.contains("event=failure error=internal"), "{lines}");
            assert!(!lines.contains(SECRET), "{lines}");
        }
        assert_eq!(get(format!("{base}/stands")).await.status.as_u16(), 200, "it serves on");
    }
    server.stop(false).await;
}

/// R121.
#[tokio::test]
async fn a_handler_that_does_not_end_times_out() {
    let (base, server, _) = start();
    let (page, json) =
        futures_util::join!(get(format!("{base}/hangs")), get(format!("{base}/api/v1/hangs")));
    Interface::Page.assert_refused(&page, (503, "4500"), "error-busy", &[]);
    Interface::Json.assert_refused(&json, (503, "4500"), "error-busy", &[]);
    assert!(page.body.contains("href=\"?\""), "the same page, asked for again: {page:?}");
    for response in [page, json] {
        assert_eq!(response.header("retry-after"), "15");
        assert!(response.body.contains(&message_text("error-busy", &[])));
    }
    server.stop(false).await;
}

#[tokio::test]
async fn a_request_is_finished_after_its_client_has_left() {
    let (base, server, mut progress) = start();
    let address = base.strip_prefix("http://").expect("an address");
    let mut line = TcpStream::connect(address).await.expect("a line");
    let request = format!("GET /takes-its-time HTTP/1.1\r\nHost: {address}\r\n\r\n");
    line.write_all(request.as_bytes()).await.expect("asks");
    assert_eq!(progress.recv().await, Some("begun"));
    // The connection is reset, because a request whose connection ends normally is always finished.
    line.set_zero_linger().expect("a reset");
    drop(line);

    let end = timeout(Duration::from_secs(10), progress.recv()).await;
    assert_eq!(end.expect("it goes on"), Some("done"));
    server.stop(false).await;
}
