//! The end of the service: whoever sends people here learns of it before anybody is refused, and nobody is dropped.

use std::{
    io,
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    os::fd::OwnedFd,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::future::{Either, select};
use tokio::{
    net::TcpSocket,
    signal::unix::{SignalKind, signal},
    time::sleep,
};

/// For whoever sends people here to send them elsewhere.
const NOTICE: Duration = Duration::from_secs(1);
/// For connections on their way from the socket to a worker, which would drop them at its end.
const HANDED_OVER: Duration = Duration::from_millis(500);
/// Connections that nobody has looked at yet.
const BACKLOG: u32 = 1024;

/// Whether the service is about to end. Clones tell alike.
#[derive(Clone, Debug, Default)]
pub struct ShutdownSignal(Arc<AtomicBool>);

impl ShutdownSignal {
    /// From then on `/readyz` says so, and every answer ends its connection.
    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Ends when the workers are to finish what is in flight: at SIGINT at once; at SIGTERM when balancers
    /// have heard of it, and nobody new has been let in for a moment.
    ///
    /// Signals are heard from this call on. Who waited with that until all workers have begun would cut off
    /// those who came as soon as the socket was there.
    pub fn wait_for_signal(self, door: TcpListener) -> io::Result<impl Future<Output = ()> + Send> {
        let (mut term, mut int) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(async move {
            if let Either::Left(_) = select(pin!(term.recv()), pin!(int.recv())).await {
                self.0.store(true, Ordering::Relaxed);
                sleep(NOTICE).await;
                if let Err(error) = close(door) {
                    log::warn!("event=not_closed error={:?}", error.to_string());
                }
                sleep(HANDED_OVER).await;
            }
        })
    }
}

/// A socket that has its address, which another server's fails to get, and refuses everybody until [`listen`].
pub fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// The socket, listening, and a second handle on it.
pub fn listen(socket: TcpSocket) -> io::Result<(TcpListener, TcpListener)> {
    let listener = socket.listen(BACKLOG)?.into_std()?;
    let door = listener.try_clone()?;
    Ok((listener, door))
}

/// Refuses whoever comes from now on, also where the server has a handle of its own.
fn close(door: TcpListener) -> io::Result<()> {
    TcpStream::from(OwnedFd::from(door)).shutdown(Shutdown::Read)
}
