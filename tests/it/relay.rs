//! An address that leads to one server now and to another one later, as a proxy or a name does.

use std::sync::{
    Arc,
    atomic::{AtomicU16, Ordering},
};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};

/// Passes on whatever comes; ends with the runtime of its test.
pub(crate) struct Relay {
    port: u16,
    target: Arc<AtomicU16>,
}

impl Relay {
    /// Leads to a port of this machine.
    pub(crate) async fn to(port: u16) -> Self {
        let target = Arc::new(AtomicU16::new(port));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let leads_to = Arc::clone(&target);
        tokio::spawn(async move {
            while let Ok((mut from, _)) = listener.accept().await {
                let to = leads_to.load(Ordering::Relaxed);
                tokio::spawn(async move {
                    if let Ok(mut to) = TcpStream::connect(("127.0.0.1", to)).await {
                        // Whoever hangs up first ends it.
                        drop(copy_bidirectional(&mut from, &mut to).await);
                    }
                });
            }
        });
        Self { port, target }
    }

    /// New connections go there; those that are open stay.
    pub(crate) fn lead_to(&self, port: u16) {
        self.target.store(port, Ordering::Relaxed);
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}
