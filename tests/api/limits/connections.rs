//! The maximum of connections of all clients (R122), and connections that never read.

use std::{net::Ipv4Addr, thread::available_parallelism, time::Duration};

use futures_util::future::join_all;
use test_support::{
    app::{Backends, TestApp, on_each_backends, on_each_with},
    client::TestClient,
    raw_http::connect,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

const TIMEOUT: Duration = Duration::from_secs(30);

/// Sends a request on a connection that stays open.
async fn send_request(stream: &mut TcpStream) {
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("sent");
}

/// Reads one whole response.
async fn read_response(stream: &mut TcpStream) -> String {
    let mut received = Vec::new();
    while !received.ends_with(b"}") {
        received
            .push(timeout(TIMEOUT, stream.read_u8()).await.expect("in time").expect("an answer"));
    }
    String::from_utf8(received).expect("a text")
}

#[tokio::test]
async fn a_connection_beyond_the_maximum_waits_and_open_ones_work() {
    on_each_with(&[("MAX_CONNECTIONS", "100")], async |app| {
        let workers = available_parallelism().map_or(1, usize::from);
        let mut held = Vec::new();
        for _ in 0..100_usize.div_ceil(workers) * workers {
            let mut stream = connect(app, Ipv4Addr::LOCALHOST).await;
            send_request(&mut stream).await;
            read_response(&mut stream).await;
            held.push(stream);
        }
        let mut one_more = connect(app, Ipv4Addr::LOCALHOST).await;
        send_request(&mut one_more).await;
        // The open connections are served all the while.
        for stream in &mut held {
            send_request(stream).await;
            assert!(read_response(stream).await.starts_with("HTTP/1.1 200 "));
        }
        let early = one_more.try_read(&mut [0; 1]);
        assert!(
            early.is_err(),
            "it was answered or closed although no connection ended: {early:?}"
        );

        held.pop();

        assert!(read_response(&mut one_more).await.starts_with("HTTP/1.1 200 "));
    })
    .await;
}

/// Sends the same request again and again without reading, until no more can be written.
async fn fill(stream: &TcpStream, path: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").repeat(100);
    let mut asked = request.as_bytes().iter().copied().cycle();
    loop {
        let some: Vec<u8> = asked.by_ref().take(4096).collect();
        let full = async {
            stream.writable().await.expect("writable");
            stream.try_write(&some).map(drop)
        };
        match timeout(Duration::from_millis(500), full).await {
            Ok(Err(error)) if error.kind() != std::io::ErrorKind::WouldBlock => return,
            Ok(_) => {}
            Err(_) => return,
        }
    }
}

/// Returns the path of the style sheet, which is the largest file.
async fn style_sheet(client: &TestClient<'_>) -> String {
    let page = client.get("/login").await;
    format!("/static/{}", page.value_after("<link rel=\"stylesheet\" href=\"/static/"))
}

/// Starts a Haoma with few connections and a short timeout for clients that do not read.
async fn open_impatient(backends: &Backends, most: usize) -> TestApp {
    backends
        .open_adjusted(&[], |config| {
            config.http.max_connections = most;
            config.http.write_stall = Duration::from_secs(2);
        })
        .await
}

#[tokio::test]
async fn connections_that_never_read_are_closed_and_make_room() {
    on_each_backends(async |backends| {
        let app = open_impatient(backends, 8).await;
        let path = style_sheet(&app.client()).await;
        let workers = available_parallelism().map_or(1, usize::from);
        let all = 8_usize.div_ceil(workers) * workers;
        let mut deaf = Vec::new();
        for _ in 0..all {
            deaf.push(connect(&app, Ipv4Addr::LOCALHOST).await);
        }
        join_all(deaf.iter().map(|stream| fill(stream, &path))).await;

        // A new connection waits until one of them is closed.
        let mut later = connect(&app, Ipv4Addr::LOCALHOST).await;
        send_request(&mut later).await;
        assert!(read_response(&mut later).await.starts_with("HTTP/1.1 200 "));
        for stream in &mut deaf {
            let mut received = vec![0; 65536];
            // The client still gets what the system has buffered for it, and then the end.
            let end =
                async { while stream.read(&mut received).await.is_ok_and(|count| count > 0) {} };
            timeout(TIMEOUT, end).await.expect("an end");
        }
        app.stop().await;
    })
    .await;
}

/// Reads 150 KB in 4 s, with so small a buffer that the server has data to send all the time.
#[tokio::test]
async fn a_reader_that_is_slow_but_reads_gets_everything() {
    on_each_backends(async |backends| {
        let app = open_impatient(backends, 8).await;
        let path = style_sheet(&app.client()).await;
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4096).expect("a small buffer");
        let address = app.base.strip_prefix("http://").expect("http").parse().expect("an address");
        let mut stream = socket.connect(address).await.expect("connects");
        // actix-http buffers 16 requests of a connection, and may drop those that follow.
        let times = 15;
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let last = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let requests = request.repeat(times) + last;
        stream.write_all(requests.as_bytes()).await.expect("sent");

        let mut received = Vec::new();
        let mut some = vec![0; 8192];
        loop {
            match timeout(TIMEOUT, stream.read(&mut some)).await.expect("in time") {
                Ok(0) => break,
                Ok(count) => received.extend_from_slice(&some[..count]),
                Err(error) => panic!("{error} after {} bytes", received.len()),
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }

        let received = String::from_utf8_lossy(&received);
        assert_eq!(received.matches("HTTP/1.1 200 ").count(), times + 1);
        app.stop().await;
    })
    .await;
}
