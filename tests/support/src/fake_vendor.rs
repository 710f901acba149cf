//! The other end of an SMS vendor: keeps what it is asked, and answers as a test wants it to.

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
    App, HttpRequest, HttpResponse, HttpServer,
    dev::ServerHandle,
    http::header::HeaderValue,
    web::{self, Bytes},
};
use futures_util::stream;

/// An address where nobody listens, and nobody ever will: a port that was free a moment ago is soon
/// another test's.
pub const NOBODY: &str = "http://127.0.0.1:1";

/// A loopback double of a vendor.
pub struct FakeVendor {
    pub url: String,
    script: Arc<Script>,
    handle: ServerHandle,
}

/// A request as it came over the wire.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub path: String,
    /// Still encoded.
    pub query: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// What a double does with a request.
#[derive(Clone)]
pub enum Reply {
    /// A status and a body.
    Now(u16, String),
    /// The same from somebody whose clock says so.
    Dated(u16, String, String),
    /// A status that leads elsewhere.
    Redirect(u16, String),
    /// 200, but late.
    After(Duration),
    /// 200 and half a body, and then the connection is gone.
    CutOff,
}

struct Script {
    reply: Mutex<Reply>,
    seen: Mutex<Vec<Seen>>,
}

impl FakeVendor {
    pub fn start(reply: Reply) -> Self {
        let script = Arc::new(Script { reply: Mutex::new(reply), seen: Mutex::default() });
        let data = web::Data::from(Arc::clone(&script));
        let server = HttpServer::new(move || {
            App::new().app_data(data.clone()).default_service(web::to(take))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .expect("binds");
        let url = format!("http://{}", server.addrs().first().expect("an address"));
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { url, script, handle }
    }

    /// From now on.
    pub fn answer(&self, reply: Reply) {
        *self.script.reply.lock().expect("a reply") = reply;
    }

    /// What it was asked so far, the first request first.
    pub fn seen(&self) -> Vec<Seen> {
        self.script.seen.lock().expect("seen").clone()
    }

    /// Ends it, and tells what it was asked, the first request first.
    pub async fn stop(self) -> Vec<Seen> {
        self.handle.stop(false).await;
        self.seen()
    }
}

async fn take(script: web::Data<Script>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let header = |(name, value): (&_, &HeaderValue)| {
        (ToString::to_string(name), value.to_str().expect("a text").to_owned())
    };
    script.seen.lock().expect("seen").push(Seen {
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

/// Takes requests and hangs up without an answer; tells its address and counts.
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
