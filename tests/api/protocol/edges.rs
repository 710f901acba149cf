//! Requests and connections at the limits of what HTTP allows.

use std::{net::Ipv4Addr, time::Duration};

use futures_util::future::join_all;
use reqwest::Method;
use test_support::{
    app::{TestApp, on_each, on_each_at_once, on_each_with},
    interface::{ACTIONS, INTERFACES, Interface},
    raw_http::connect,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// Longer than anything here may take; no test asserts how much shorter it was.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Sends bytes and reads until the server closes the connection.
async fn exchange(stream: &mut TcpStream, bytes: &[u8]) -> String {
    // If the server has closed the connection already, writing fails and the answer can still be read.
    stream.write_all(bytes).await.unwrap_or_default();
    let mut received = Vec::new();
    let read = timeout(TIMEOUT, stream.read_to_end(&mut received)).await.expect("an end");
    read.unwrap_or_default();
    String::from_utf8_lossy(&received).into_owned()
}

/// R55.
#[tokio::test]
async fn an_overlong_request_head_is_refused() {
    on_each(async |app| {
        let client = app.client();
        for (interface, path) in [(Interface::Page, "/login"), (Interface::Json, "/api/v1/session")]
        {
            for (length, status) in [(4096, None), (4097, Some(414)), (9000, Some(414))] {
                let path = format!("{path}?{}", "x".repeat(length - path.len() - 1));
                let response = client.get(&path).await;
                match status {
                    None => assert_ne!(response.status.as_u16(), 414),
                    Some(it) => {
                        interface.assert_refused(
                            &response,
                            (it, "4103"),
                            "error-url-too-long",
                            &[],
                        );
                    }
                }
            }
            let headers = |count: usize, size: usize| {
                let value = "x".repeat(size);
                (0..count).fold(client.request(Method::GET, path), |request, number| {
                    request.header(format!("x-{number}"), &value)
                })
            };
            for (count, size) in [(65, 1), (90, 1), (1, 16 * 1024), (20, 1000), (10, 9000)] {
                let response = client.send(headers(count, size)).await;
                let refusal = ((431, "4103"), "error-headers-too-large");
                interface.assert_refused(&response, refusal.0, refusal.1, &[]);
            }
            for (count, size) in [(60, 1), (1, 15 * 1024)] {
                assert_ne!(client.send(headers(count, size)).await.status.as_u16(), 431);
            }
        }
    })
    .await;
}

/// R55: all fields are plain values, so nothing deeper than one object is read, at depth 2 as at 16.
#[tokio::test]
async fn a_body_deeper_than_one_object_is_refused() {
    on_each(async |app| {
        for (action, depth) in
            ACTIONS.iter().flat_map(|action| [1, 2, 15, 16, 17, 100].map(|d| (*action, d)))
        {
            for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
                let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
                let body = format!("{{\"mobile\":{deep},\"login\":{deep}}}");
                let path = Interface::Json.path(action);
                let response = app.client().post_body(path, "application/json", body).await;
                assert_eq!((response.status.as_u16(), response.errno().as_str()), (400, "4103"));
            }
        }
    })
    .await;
}

/// R121: actix itself has no timeout for this.
#[tokio::test]
async fn a_body_that_does_not_arrive_times_out() {
    on_each_at_once(async |app| {
        let stalled = INTERFACES.map(async |interface| {
            let mut stream = connect(app, Ipv4Addr::LOCALHOST).await;
            let (path, kind) =
                (interface.path(test_support::interface::Action::SignIn), interface.content_type());
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n\
                 Content-Length: 100\r\n\r\n{{"
            );
            (interface.status(400), exchange(&mut stream, head.as_bytes()).await)
        });
        for (status, response) in join_all(stalled).await {
            assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{response}");
            assert!(!response.contains("\"errno\":\"0\""), "{response}");
        }
    })
    .await;
}

/// R121: the timeout is for the whole body, however often another byte of it arrives.
#[tokio::test]
async fn a_body_that_trickles_times_out() {
    on_each_at_once(async |app| {
        let slow = INTERFACES.map(async |interface| {
            let mut stream = connect(app, Ipv4Addr::LOCALHOST).await;
            let (path, kind) =
                (interface.path(test_support::interface::Action::SignIn), interface.content_type());
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n\
                 Content-Length: 10000\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).await.expect("sent");
            let (mut reader, mut writer) = stream.split();
            let trickle = async {
                while writer.write_all(b" ").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
            };
            let mut response = [0; 12];
            tokio::select! {
                () = trickle => panic!("it took the whole body"),
                read = reader.read_exact(&mut response) => drop(read.expect("an answer")),
            }
            (interface.status(400), String::from_utf8_lossy(&response).into_owned())
        });
        for (status, response) in timeout(TIMEOUT, join_all(slow)).await.expect("an end") {
            assert_eq!(response, format!("HTTP/1.1 {status}"));
        }
    })
    .await;
}

/// R122.
#[tokio::test]
async fn connections_of_one_peer_are_limited() {
    on_each_with(&[("MAX_CONNECTIONS_PER_ADDRESS", "3")], async |app| {
        let here = Ipv4Addr::new(127, 0, 1, 1);
        let there = Ipv4Addr::new(127, 0, 1, 2);
        let ask = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push(connect(app, here).await);
        }
        // The three connections count once they have been answered.
        for stream in &mut held {
            stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("sent");
            stream.read_u8().await.expect("an answer");
        }

        assert_eq!(exchange(&mut connect(app, here).await, ask).await, "", "one too many");
        assert!(exchange(&mut connect(app, there).await, ask).await.starts_with("HTTP/1.1 200 "));

        held.pop();
        while exchange(&mut connect(app, here).await, ask).await.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

/// R122: behind a proxy there are many clients.
#[tokio::test]
async fn connections_of_a_trusted_proxy_are_unlimited() {
    let settings = [("MAX_CONNECTIONS_PER_ADDRESS", "1"), ("TRUSTED_PROXIES", "127.0.1.0/24")];
    on_each_with(&settings, async |app| {
        let mut held = Vec::new();
        for _ in 0..20 {
            let mut stream = connect(app, Ipv4Addr::new(127, 0, 1, 1)).await;
            stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("sent");
            assert_eq!(stream.read_u8().await.expect("an answer"), b'H');
            held.push(stream);
        }
    })
    .await;
}

/// R124: half of them never finish their head, half never finish their body.
#[tokio::test]
async fn a_thousand_slow_connections_block_no_request() {
    on_each(async |app| {
        let slow = (0..1000_u16).map(async |number| {
            let [_, last] = (number / 50).to_be_bytes();
            let mut stream = connect(app, Ipv4Addr::new(127, 0, 2, last + 1)).await;
            let head = match number % 2 {
                0 => "GET /login HTTP/1.1\r\nHost: loc",
                _ => {
                    "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000\r\n\
                     Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin="
                }
            };
            stream.write_all(head.as_bytes()).await.expect("sent");
            stream
        });
        let held = join_all(slow).await;
        for _ in 0..5 {
            for path in ["/healthz", "/login"] {
                let response = app.client_within(Duration::from_secs(10)).get(path).await;
                assert_eq!(response.status.as_u16(), 200, "{response:?}");
            }
        }
        assert_eq!(held.len(), 1000);
    })
    .await;
}

/// R98.
#[tokio::test]
async fn a_request_that_reached_the_proxy_without_tls_is_redirected_to_https() {
    let https = ("PUBLIC_URL", "https://id.example.com");
    let plain = |app: &TestApp, scheme: &'static str, method, path| {
        let client = app.client();
        client.request(method, path).header("x-forwarded-proto", scheme)
    };
    on_each_with(&[https, ("TRUSTED_PROXIES", "127.0.0.1")], async |app| {
        let client = app.client();
        for scheme in ["http", "HTTP", "https, http"] {
            let page = client.send(plain(app, scheme, Method::GET, "/login?next=/account")).await;
            assert_eq!(page.status.as_u16(), 308, "{page:?}");
            assert_eq!(page.header("location"), "https://id.example.com/login?next=/account");
            for (interface, method, path) in [
                (Interface::Page, Method::POST, "/login"),
                (Interface::Json, Method::GET, "/api/v1/session"),
                (Interface::Json, Method::POST, "/api/v1/session"),
            ] {
                let refused = client.send(plain(app, scheme, method, path)).await;
                interface.assert_refused(&refused, (403, "4201"), "error-plain-http", &[]);
            }
            assert_eq!(client.send(plain(app, scheme, Method::GET, "/healthz")).await.status, 200);
        }
        for scheme in ["https", "http, https", ""] {
            let page = client.send(plain(app, scheme, Method::GET, "/login")).await;
            assert_eq!(page.status.as_u16(), 200, "{scheme}: {page:?}");
        }
    })
    .await;
    for settings in [&[https][..], &[("TRUSTED_PROXIES", "127.0.0.1")]] {
        on_each_with(settings, async |app| {
            let page = app.client().send(plain(app, "http", Method::GET, "/login")).await;
            assert_eq!(page.status.as_u16(), 200, "{page:?}");
        })
        .await;
    }
}
