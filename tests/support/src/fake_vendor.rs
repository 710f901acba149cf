//! A fake SMS vendor: it records its requests and answers as a test wants it to.

use std::{
    collections::BTreeMap,
    io::{Error, Read as _},
    net::TcpListener,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix_web::{
    HttpRequest, HttpResponse,
    dev::ServerHandle,
    http::header::HeaderValue,
    web::{self, Bytes},
};
use futures_util::stream;

use crate::fake_server;

/// An address where no server will ever listen. A port that was free a moment ago may soon be used by another test.
pub const UNREACHABLE_URL: &str = "http://127.0.0.1:1";

/// A fake vendor on a loopback address.
pub struct FakeVendor {
    pub url: String,
    script: Arc<Script>,
    handle: ServerHandle,
}

/// A request that the vendor received.
#[derive(Clone, Debug)]
pub struct SeenRequest {
    pub method: String,
    pub path: String,
    /// The query, still encoded.
    pub query: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// What a fake vendor does with a request.
#[derive(Clone)]
pub enum Reply {
    /// Answers with this status and body.
    Now(u16, String),
    /// Answers with this status, body and `Date` header.
    Dated(u16, String, String),
    /// Answers with this status and `Location` header.
    Redirect(u16, String),
    /// Answers 200 after this time.
    After(Duration),
    /// Answers 200 with half a body, and closes the connection.
    CutOff,
}

struct Script {
    reply: Mutex<Reply>,
    seen: Mutex<Vec<SeenRequest>>,
}

impl FakeVendor {
    pub fn start(reply: Reply) -> Self {
        let script = Arc::new(Script { reply: Mutex::new(reply), seen: Mutex::default() });
        let data = web::Data::from(Arc::clone(&script));
        let (address, handle) = fake_server::start(move |config| {
            config.app_data(data.clone()).default_service(web::to(take));
        });
        let url = format!("http://{address}");
        Self { url, script, handle }
    }

    /// Sets the reply to all further requests.
    pub fn answer(&self, reply: Reply) {
        *self.script.reply.lock().expect("a reply") = reply;
    }

    /// Returns the requests so far, the first one first.
    pub fn seen(&self) -> Vec<SeenRequest> {
        self.script.seen.lock().expect("seen").clone()
    }

    /// Stops the vendor and returns its requests, the first one first.
    pub async fn stop(self) -> Vec<SeenRequest> {
        self.handle.stop(false).await;
        self.seen()
    }
}

async fn take(script: web::Data<Script>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let header = |(name, value): (&_, &HeaderValue)| {
        (ToString::to_string(name), value.to_str().expect("a text").to_owned())
    };
    script.seen.lock().expect("seen").push(SeenRequest {
        method: request.method().to_string(),
        path: request.path().to_owned(),
        query: request.query_string().to_owned(),
        headers: request.headers().iter().map(header).collect(),
        body: String::from_utf8(body.to_vec()).expect("a text"),
    });
    let reply = script.reply.lock().expect("a reply").clone();
    match reply {
        Reply::Now(status, body) => {
            HttpResponse::build(status.try_into().expect("a status")).body(body)
        }
        Reply::Dated(status, body, date) => {
            HttpResponse::build(status.try_into().expect("a status"))
                .insert_header(("date", date))
                .body(body)
        }
        Reply::Redirect(status, location) => {
            HttpResponse::build(status.try_into().expect("a status"))
                .insert_header(("location", location))
                .finish()
        }
        Reply::After(wait) => {
            tokio::time::sleep(wait).await;
            HttpResponse::Ok().finish()
        }
        Reply::CutOff => HttpResponse::Ok().streaming(stream::iter([
            Ok(Bytes::from_static(b"{\"Code\":\"OK\"")),
            Err(Error::other("gone")),
        ])),
    }
}

/// Starts a server that reads requests and closes the connection; returns its address and its counter of requests.
pub fn hang_up() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("binds");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
            let read = stream.expect("a connection").read(&mut [0; 8_192]);
            assert!(read.is_ok_and(|count| count > 0), "a request came");
        }
    });
    (url, count)
}
