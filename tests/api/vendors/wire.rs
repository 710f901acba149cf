//! Limits of the HTTP client of all vendors (R117).

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use haoma::sms::{AnswerClass, ClassifiedAnswer, client};
use reqwest::Client;
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use test_support::{
    fake_vendor::{FakeVendor, Reply},
    tls_ca::Authority,
    vendor_accounts::{VENDORS, answer, success},
};
use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use super::{message, send, vendor};

/// Starts a server that answers 200 over TLS with a certificate for 127.0.0.1 from an unknown authority; returns its
/// address and its counter of requests.
fn gateway_with_an_unknown_certificate() -> (String, Arc<AtomicUsize>) {
    let authority = Authority::new();
    let signed = authority.sign("vendor", "IP:127.0.0.1");
    let certificate = CertificateDer::from_pem_file(signed.certificate).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(signed.key).expect("a key");
    let settings = ServerConfig::builder().with_no_client_auth();
    let settings = settings.with_single_cert(vec![certificate], key).expect("a pair");
    let settings = Arc::new(settings);
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("binds");
    let url = format!("https://{}", listener.local_addr().expect("an address"));
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&settings)).expect("settings");
            let mut stream = StreamOwned::new(connection, stream.expect("a connection"));
            // A client that refuses the certificate has closed the connection by now.
            if stream.read(&mut [0; 8_192]).is_ok_and(|count| count > 0) {
                counted.fetch_add(1, Ordering::SeqCst);
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                stream.write_all(answer).and_then(|()| stream.flush()).expect("answered");
            }
        }
    });
    (url, count)
}

#[tokio::test]
async fn nothing_is_sent_to_a_vendor_with_an_unknown_certificate() {
    // This client also initialises the cryptography that the server uses.
    let careless = client::build().map(|_| Client::builder().tls_danger_accept_invalid_certs(true));
    let (url, count) = gateway_with_an_unknown_certificate();
    for name in VENDORS {
        let classified = vendor(name, &url).send(&message()).await;

        assert_eq!(
            classified,
            ClassifiedAnswer::new(AnswerClass::Busy, "cannot connect"),
            "{name}"
        );
    }
    assert_eq!(count.load(Ordering::SeqCst), 0, "neither number nor code went out");
    let careless = careless.expect("a client").build().expect("another");
    let response = careless.get(&url).send().await.expect("it does answer");
    assert_eq!((response.status().as_u16(), count.load(Ordering::SeqCst)), (200, 1));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    for (name, status) in
        VENDORS.iter().flat_map(|vendor| [301, 302, 303, 307, 308].map(|s| (vendor, s)))
    {
        let elsewhere = FakeVendor::start(Reply::Now(200, answer(name, success(name).1)));

        let (classified, _) = send(name, Reply::Redirect(status, elsewhere.url.clone())).await;

        assert_eq!(
            classified,
            ClassifiedAnswer::new(AnswerClass::Config, status.to_string()),
            "{name}"
        );
        assert!(elsewhere.stop().await.is_empty(), "{name}: {status} was followed");
    }
}

/// Returns an answer of this length: JSON may contain any number of spaces.
fn padded(name: &str, length: usize) -> Reply {
    let (status, code) = success(name);
    let answer = answer(name, code);
    let spaces = " ".repeat(length - answer.len());
    Reply::Now(status, answer + &spaces)
}

#[tokio::test]
async fn an_answer_over_sixty_four_kibibytes_is_an_unknown_outcome() {
    for name in VENDORS {
        let (long, _) = send(name, padded(name, 64 * 1024)).await;
        let (too_long, _) = send(name, padded(name, 64 * 1024 + 1)).await;

        assert_eq!(long.class, AnswerClass::Sent, "{name}");
        assert_eq!(
            too_long,
            ClassifiedAnswer::new(AnswerClass::Unknown, "answer too long"),
            "{name}"
        );
    }
}

/// Returns a listener that accepts nothing, and the connections that fill its backlog.
async fn full_backlog() -> (TcpListener, Vec<TcpStream>) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("an address");
    let listener = socket.listen(1).expect("listens").into_std().expect("a listener");
    let address = listener.local_addr().expect("an address");
    let mut line = Vec::new();
    while let Ok(stream) = timeout(Duration::from_millis(500), TcpStream::connect(address)).await {
        line.push(stream.expect("connects"));
    }
    (listener, line)
}

/// The client gives up connecting after 2 s. After 5 s it would be a timeout of the whole request, whose outcome is
/// unknown.
#[tokio::test]
async fn the_connect_timeout_is_shorter_than_the_whole_timeout() {
    let (listener, line) = full_backlog().await;
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    for name in VENDORS {
        let classified = vendor(name, &url).send(&message()).await;

        assert_eq!(
            classified,
            ClassifiedAnswer::new(AnswerClass::Busy, "cannot connect"),
            "{name}"
        );
    }
    drop(line);
}
