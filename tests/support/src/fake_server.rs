//! An HTTP server on a loopback address, for the fakes of other services.

use std::net::SocketAddr;

use actix_web::{App, HttpServer, dev::ServerHandle, web::ServiceConfig};

/// Starts a server on a free port.
pub(crate) fn start(
    configure: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> (SocketAddr, ServerHandle) {
    let server = HttpServer::new(move || App::new().configure(&configure))
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .expect("binds");
    let address = *server.addrs().first().expect("an address");
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(server);
    (address, handle)
}
