//! Limits how many connections one peer may hold open (R122), and for how long without reading.

use std::{
    any::Any,
    collections::HashMap,
    io,
    net::{IpAddr, Shutdown, SocketAddr, TcpListener},
    os::fd::AsFd as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{dev::Extensions, rt::net::TcpStream};
use ipnet::Ipv6Net;
#[cfg(target_os = "linux")]
use rustix::net::sockopt;

use crate::http::proxy::forwarded::Proxies;

/// Has the system close connections of this socket whose peers have accepted nothing of what was sent for this long.
///
/// That is `TCP_USER_TIMEOUT`, see tcp(7). It ends connections to peers that are gone, and to those that do not read;
/// actix would wait forever. Fails if the system call fails. Only Linux has it; elsewhere nothing is set.
#[cfg_attr(not(target_os = "linux"), expect(clippy::unnecessary_wraps, reason = "as on Linux"))]
pub fn end_stalled_writes(listener: &TcpListener, after: Duration) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    sockopt::set_tcp_user_timeout(listener, u32::try_from(after.as_millis()).unwrap_or(u32::MAX))?;
    #[cfg(not(target_os = "linux"))]
    let _: (&TcpListener, Duration) = (listener, after);
    Ok(())
}

/// Counts the open connections of each peer. Clones share the counts.
#[derive(Clone)]
pub struct ConnectionLimit {
    max_per_peer: usize,
    proxies: Proxies,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// Permits one connection, and counts it until it is dropped.
struct Permit {
    peer: IpAddr,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl ConnectionLimit {
    /// Allows this many connections to each peer. A trusted proxy may have any number, because many people are behind it.
    pub fn new(max_per_peer: usize, proxies: Proxies) -> Self {
        Self { max_per_peer, proxies, open: Arc::default() }
    }

    /// Counts a new connection, or closes it if there are too many: before a byte of it is read, because the limit is
    /// against peers that send slowly.
    pub fn admit(&self, connection: &dyn Any, extensions: &mut Extensions) {
        let Some(stream) = connection.downcast_ref::<TcpStream>() else { return };
        // A peer without an address is gone already.
        let Ok(peer) = stream.peer_addr().as_ref().map(SocketAddr::ip) else { return };
        if self.proxies.trust(peer) {
            return;
        }
        if let Some(permit) = self.acquire(subscriber(peer)) {
            // actix drops the extensions, and the permit with them, when the connection ends.
            extensions.insert(permit);
        } else if let Err(error) = close(stream) {
            log::warn!("event=not_hung_up error={:?}", error.to_string());
        }
    }

    fn acquire(&self, peer: IpAddr) -> Option<Permit> {
        let mut open = self.open.lock().ok()?;
        let count = open.entry(peer).or_default();
        if *count >= self.max_per_peer {
            log::debug!("event=refused error=too-many-connections address={peer}");
            return None;
        }
        *count += 1;
        Some(Permit { peer, open: Arc::clone(&self.open) })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let Ok(mut open) = self.open.lock() else { return };
        if let Some(count) = open.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.peer);
            }
        }
    }
}

/// Returns the address by which a peer is counted: for IPv6 its /64, because a subscriber has all addresses in it.
fn subscriber(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => Ipv6Net::new_assert(address, 64).network().into(),
        address @ IpAddr::V4(_) => address,
    }
}

/// Closes a connection through a second handle on its socket, because actix keeps the first one.
fn close(stream: &TcpStream) -> io::Result<()> {
    let socket = std::net::TcpStream::from(stream.as_fd().try_clone_to_owned()?);
    socket.shutdown(Shutdown::Both)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_ends_makes_room_for_another_of_its_peer() {
        let connections = ConnectionLimit::new(2, Proxies::new(Vec::new()));
        let [ada, bob] = ["192.0.2.1", "192.0.2.2"].map(|text| subscriber(text.parse().unwrap()));

        let held = [connections.acquire(ada), connections.acquire(ada)];
        assert!(held.iter().all(Option::is_some));
        assert!(connections.acquire(ada).is_none() && connections.acquire(bob).is_some());
        drop(held);
        assert!(connections.acquire(ada).is_some());
        assert!(
            connections.open.lock().unwrap().is_empty(),
            "a peer without connections is still counted"
        );
    }

    #[test]
    fn addresses_of_one_ipv6_network_are_one_peer() {
        let of = |text: &str| subscriber(text.parse().unwrap());

        assert_eq!(of("2001:db8::1"), of("2001:db8::2:3"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
