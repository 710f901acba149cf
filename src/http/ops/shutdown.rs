//! Graceful shutdown: load balancers learn of it before the port is closed, and no accepted connection is dropped.

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
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::{
    net::TcpSocket,
    signal::unix::{SignalKind, signal},
    time::{sleep, timeout},
};

/// How long the port stays open after `/readyz` has begun to fail, so that load balancers stop sending requests.
const BALANCER_DELAY: Duration = Duration::from_secs(1);
/// How long the workers go on after the port is closed. A connection that is accepted, but has not reached its worker
/// yet, would be dropped when the worker ends.
const HANDOVER_DELAY: Duration = Duration::from_millis(500);
/// How long we wait for connections to be accepted before the port is closed all the same.
const MAX_ACCEPT_WAIT: Duration = Duration::from_secs(2);
/// The number of connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// Whether the service is shutting down. Clones share one state.
#[derive(Clone, Debug, Default)]
pub struct ShutdownSignal(Arc<AtomicBool>);

impl ShutdownSignal {
    /// Returns whether the shutdown has begun. From then on `/readyz` fails and every answer closes its connection.
    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Installs the signal handlers, and returns a future that ends when the workers should finish what they have: at
    /// once after SIGINT; after SIGTERM when load balancers know of the shutdown and the port has been closed for a
    /// moment.
    ///
    /// The handlers are installed by this call and not by the future, because a SIGTERM before all workers are up must
    /// not drop connections that are accepted already.
    pub fn wait_for_signal(
        self,
        listener: TcpListener,
    ) -> io::Result<impl Future<Output = ()> + Send> {
        let (mut term, mut int) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(async move {
            if let Either::Left(_) = select(pin!(term.recv()), pin!(int.recv())).await {
                self.0.store(true, Ordering::Relaxed);
                sleep(BALANCER_DELAY).await;
                wait_until_all_are_accepted(&listener).await;
                if let Err(error) = stop_listening(listener) {
                    log::warn!("event=not_closed error={:?}", error.to_string());
                }
                sleep(HANDOVER_DELAY).await;
            }
        })
    }
}

/// Reserves the address: another server's `bind` fails from now on. Connections are refused until [`listen`].
pub fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Begins to listen. Returns the listener and a second handle on the same socket, for
/// [`ShutdownSignal::wait_for_signal`].
pub fn listen(socket: TcpSocket) -> io::Result<(TcpListener, TcpListener)> {
    let listener = socket.listen(BACKLOG)?.into_std()?;
    let second_handle = listener.try_clone()?;
    Ok((listener, second_handle))
}

/// Waits until no connection waits to be accepted. The kernel resets those that wait when the port is closed, and a proxy
/// may have sent a request over them. On a busy machine the thread that accepts may be some milliseconds late.
async fn wait_until_all_are_accepted(listener: &TcpListener) {
    let accepted = async {
        while is_connection_waiting(listener) {
            sleep(Duration::from_millis(1)).await;
        }
    };
    if timeout(MAX_ACCEPT_WAIT, accepted).await.is_err() {
        log::warn!("event=connections_not_accepted");
    }
}

fn is_connection_waiting(listener: &TcpListener) -> bool {
    let mut listeners = [PollFd::new(listener, PollFlags::IN)];
    matches!(poll(&mut listeners, Some(&Timespec::default())), Ok(1..))
}

/// Makes the kernel refuse new connections, while the server still holds its own handle on the socket.
///
/// actix-server owns the listener and has no way to close it without ending its workers. Closing our handle does not
/// close the socket, because it stays open as long as one handle is left. But `shutdown(2)` acts on the socket itself,
/// whichever handle it is called with: on Linux, shutting down the read side of a listening socket ends the listening
/// at once. The standard library offers `shutdown` for a `TcpStream` only, so the handle is turned into one; it is the
/// same file descriptor. The server's next `accept` fails with `EINVAL` ("os error 22"), which `logging` filters out.
fn stop_listening(listener: TcpListener) -> io::Result<()> {
    TcpStream::from(OwnedFd::from(listener)).shutdown(Shutdown::Read)
}
