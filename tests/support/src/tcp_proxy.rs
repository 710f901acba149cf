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
    task::JoinSet,
};

use crate::processes::free_port;

/// Passes on whatever comes; ends with the runtime of its test.
pub struct TcpProxy {
    port: u16,
    target: Arc<AtomicU16>,
    cuts: Arc<AtomicBool>,
    /// Whoever listens; every conversation ends with it.
    open: JoinSet<()>,
}

impl TcpProxy {
    /// Leads to a port of this machine.
    pub async fn to(port: u16) -> Self {
        let (target, cuts) = (Arc::new(AtomicU16::new(port)), Arc::default());
        let mut proxy = Self { port: free_port(), target, cuts, open: JoinSet::new() };
        proxy.open().await;
        proxy
    }

    /// Listens (again).
    pub async fn open(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.expect("a port");
        let (leads_to, is_cut) = (Arc::clone(&self.target), Arc::clone(&self.cuts));
        self.open.spawn(async move {
            let mut conversations = JoinSet::new();
            while let Ok((from, _)) = listener.accept().await {
                let (to, is_cut) = (leads_to.load(Ordering::Relaxed), Arc::clone(&is_cut));
                conversations.spawn(async move {
                    if let Ok(to) = TcpStream::connect(("127.0.0.1", to)).await {
                        converse(from, to, &is_cut).await;
                    }
                });
            }
        });
    }

    /// Ends every conversation, and refuses whoever comes.
    pub async fn close(&mut self) {
        self.open.shutdown().await;
    }

    /// New connections go there; those that are open stay.
    pub fn set_target(&self, port: u16) {
        self.target.store(port, Ordering::Relaxed);
    }

    /// From now on, or no longer: one answer in ten breaks off in the middle, and the connection with it.
    pub fn cut(&self, is_cut: bool) {
        self.cuts.store(is_cut, Ordering::Relaxed);
    }

    pub fn port(&self) -> u16 {
        self.port
    }
}

/// Whoever hangs up first ends it.
async fn converse(from: TcpStream, to: TcpStream, cuts: &AtomicBool) {
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
