//! How many connections there may be at once, whoever's they are (R122).

use std::{net::Ipv4Addr, thread::available_parallelism, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::edges::connect;
use crate::haoma::on_each_with;

const PATIENCE: Duration = Duration::from_secs(30);

/// Asks for something, and keeps the connection.
async fn ask(stream: &mut TcpStream) {
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("sent");
}

/// Reads one whole answer.
async fn hear(stream: &mut TcpStream) -> String {
    let mut heard = Vec::new();
    while !heard.ends_with(b"}") {
        heard.push(timeout(PATIENCE, stream.read_u8()).await.expect("in time").expect("an answer"));
    }
    String::from_utf8(heard).expect("a text")
}

#[tokio::test]
async fn beyond_the_most_connections_one_waits_and_those_that_are_open_go_on() {
    on_each_with(&[("MAX_CONNECTIONS", "100")], async |haoma| {
        let workers = available_parallelism().map_or(1, usize::from);
        let mut held = Vec::new();
        for _ in 0..100_usize.div_ceil(workers) * workers {
            let mut stream = connect(haoma, Ipv4Addr::LOCALHOST).await;
            ask(&mut stream).await;
            hear(&mut stream).await;
            held.push(stream);
        }
        let mut one_more = connect(haoma, Ipv4Addr::LOCALHOST).await;
        ask(&mut one_more).await;
        // Whoever is in gets answers all the while.
        for stream in &mut held {
            ask(stream).await;
            assert!(hear(stream).await.starts_with("HTTP/1.1 200 "));
        }
        let early = one_more.try_read(&mut [0; 1]);
        assert!(
            early.is_err(),
            "nobody has left, and yet it was answered or hung up on: {early:?}"
        );

        held.pop();

        assert!(hear(&mut one_more).await.starts_with("HTTP/1.1 200 "));
    })
    .await;
}
