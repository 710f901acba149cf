//! An address that a test can lead to one server and later to another, as a proxy or a DNS name does.

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
    task::JoinSet,
};

use crate::processes::free_port;

/// Forwards connections until the runtime of its test ends.
pub struct TcpProxy {
    port: u16,
    target: Arc<AtomicU16>,
    cuts: Arc<AtomicBool>,
    /// The task that listens; all its connections end with it.
    open: JoinSet<()>,
}

impl TcpProxy {
    /// Starts a proxy to a port of this machine.
    pub async fn to(port: u16) -> Self {
        let (target, cuts) = (Arc::new(AtomicU16::new(port)), Arc::default());
        let mut proxy = Self { port: free_port(), target, cuts, open: JoinSet::new() };
        proxy.open().await;
        proxy
    }

    /// Listens, or listens again.
    pub async fn open(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.expect("a port");
        let (leads_to, is_cut) = (Arc::clone(&self.target), Arc::clone(&self.cuts));
        self.open.spawn(async move {
            let mut conversations = JoinSet::new();
            while let Ok((from, _)) = listener.accept().await {
                let (to, is_cut) = (leads_to.load(Ordering::Relaxed), Arc::clone(&is_cut));
                conversations.spawn(async move {
                    if let Ok(to) = TcpStream::connect(("127.0.0.1", to)).await {
                        forward(from, to, &is_cut).await;
                    }
                });
            }
        });
    }

    /// Closes all connections and refuses new ones.
    pub async fn close(&mut self) {
        self.open.shutdown().await;
    }

    /// Sends new connections to this port; open ones stay as they are.
    pub fn set_target(&self, port: u16) {
        self.target.store(port, Ordering::Relaxed);
    }

    /// Sets whether one answer in ten is cut off in the middle, together with its connection.
    pub fn cut(&self, is_cut: bool) {
        self.cuts.store(is_cut, Ordering::Relaxed);
    }

    pub fn port(&self) -> u16 {
        self.port
    }
}

/// Forwards both ways until either side closes the connection.
async fn forward(from: TcpStream, to: TcpStream, cuts: &AtomicBool) {
    let (mut questions, back) = from.into_split();
    let (answers, mut there) = to.into_split();
    tokio::select! {
        done = copy(&mut questions, &mut there) => drop(done),
        done = pass_on(answers, back, cuts) => drop(done),
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
