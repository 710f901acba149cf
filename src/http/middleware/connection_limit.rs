//! How many connections one peer may hold open (R122), and for how long without reading.

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

/// Has the system close connections of this socket whose peers take nothing of what is sent to them for so long.
///
/// That is `TCP_USER_TIMEOUT`, see tcp(7): it ends with peers that are gone, and with those that do not read. The
/// framework itself would wait for ever. Fails as the system does; elsewhere than on Linux nothing is set.
#[cfg_attr(not(target_os = "linux"), expect(clippy::unnecessary_wraps, reason = "as on Linux"))]
pub fn end_stalled_writes(listener: &TcpListener, after: Duration) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    sockopt::set_tcp_user_timeout(listener, u32::try_from(after.as_millis()).unwrap_or(u32::MAX))?;
    #[cfg(not(target_os = "linux"))]
    let _: (&TcpListener, Duration) = (listener, after);
    Ok(())
}

/// Counts open connections by peer; clones count together.
#[derive(Clone)]
pub struct ConnectionLimit {
    most: usize,
    proxies: Proxies,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// One connection, until it ends.
struct Permit {
    peer: IpAddr,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl ConnectionLimit {
    /// So many for each peer; behind a proxy there are many people, so it may have any number.
    pub fn new(most: usize, proxies: Proxies) -> Self {
        Self { most, proxies, open: Arc::default() }
    }

    /// Counts a new connection, or hangs up on one too many: before a byte of it is read, for it is the
    /// slow ones that this is about.
    pub fn admit(&self, connection: &dyn Any, extensions: &mut Extensions) {
        let Some(stream) = connection.downcast_ref::<TcpStream>() else { return };
        // A peer without an address has gone already.
        let Ok(peer) = stream.peer_addr().as_ref().map(SocketAddr::ip) else { return };
        if self.proxies.trust(peer) {
            return;
        }
        if let Some(place) = self.place(household(peer)) {
            extensions.insert(place);
        } else if let Err(error) = hang_up(stream) {
            log::warn!("event=not_hung_up error={:?}", error.to_string());
        }
    }

    fn place(&self, peer: IpAddr) -> Option<Permit> {
        let mut open = self.open.lock().ok()?;
        let count = open.entry(peer).or_default();
        if *count >= self.most {
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

/// Whoever has one IPv6 address has all of its /64.
fn household(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => Ipv6Net::new_assert(address, 64).network().into(),
        address @ IpAddr::V4(_) => address,
    }
}

/// Through a second handle on the same socket, since the first one is only lent.
fn hang_up(stream: &TcpStream) -> io::Result<()> {
    let socket = std::net::TcpStream::from(stream.as_fd().try_clone_to_owned()?);
    socket.shutdown(Shutdown::Both)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_peer_has_its_places_and_gets_them_back() {
        let connections = ConnectionLimit::new(2, Proxies::new(Vec::new()));
        let [ada, bob] = ["192.0.2.1", "192.0.2.2"].map(|it| household(it.parse().unwrap()));

        let held = [connections.place(ada), connections.place(ada)];
        assert!(held.iter().all(Option::is_some));
        assert!(connections.place(ada).is_none() && connections.place(bob).is_some());
        drop(held);
        assert!(connections.place(ada).is_some());
        assert!(connections.open.lock().unwrap().is_empty(), "nothing is kept of who has gone");
    }

    #[test]
    fn addresses_of_one_household_are_one_peer() {
        let of = |it: &str| household(it.parse().unwrap());

        assert_eq!(of("2001:db8::1"), of("2001:db8::2:3"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
