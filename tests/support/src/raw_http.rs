//! HTTP over a socket, for requests that a client library would not send.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpSocket, TcpStream};

use crate::app::TestApp;

/// Opens a connection from one of the loopback addresses of this machine.
pub async fn connect(app: &TestApp, from: Ipv4Addr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(SocketAddr::from((from, 0))).expect("an address");
    let to = app.base.strip_prefix("http://").expect("http").parse().expect("an address");
    socket.connect(to).await.expect("connects")
}
