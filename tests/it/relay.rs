//! An address that leads to one server now and to another one later, as a proxy or a name does.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU16, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// Passes on whatever comes; ends with the runtime of its test.
pub(crate) struct Relay {
    port: u16,
    target: Arc<AtomicU16>,
    cuts: Arc<AtomicBool>,
}

impl Relay {
    /// Leads to a port of this machine.
    pub(crate) async fn to(port: u16) -> Self {
        let target = Arc::new(AtomicU16::new(port));
        let cuts = Arc::new(AtomicBool::new(false));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (leads_to, is_cut) = (Arc::clone(&target), Arc::clone(&cuts));
        tokio::spawn(async move {
            while let Ok((from, _)) = listener.accept().await {
                let (to, is_cut) = (leads_to.load(Ordering::Relaxed), Arc::clone(&is_cut));
                tokio::spawn(async move {
                    if let Ok(to) = TcpStream::connect(("127.0.0.1", to)).await {
                        let (mut questions, back) = from.into_split();
                        let (answers, mut there) = to.into_split();
                        // Whoever hangs up first ends it.
                        tokio::select! {
                            done = copy(&mut questions, &mut there) => drop(done),
                            done = pass_on(answers, back, &is_cut) => drop(done),
                        }
                    }
                });
            }
        });
        Self { port, target, cuts }
    }

    /// New connections go there; those that are open stay.
    pub(crate) fn lead_to(&self, port: u16) {
        self.target.store(port, Ordering::Relaxed);
    }

    /// From now on, or no longer: one answer in ten breaks off in the middle, and the connection with it.
    pub(crate) fn cut(&self, is_cut: bool) {
        self.cuts.store(is_cut, Ordering::Relaxed);
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

async fn pass_on(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    cuts: &AtomicBool,
) -> io::Result<()> {
    let mut buffer = vec![0; 8192];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        if cuts.load(Ordering::Relaxed) && rand::random_ratio(1, 10) {
            return to.write_all(&buffer[..read / 2]).await;
        }
        to.write_all(&buffer[..read]).await?;
    }
}
