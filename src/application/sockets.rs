//! The addresses that we listen on: taken before anything is made, opened when everything is ready.

use std::net::SocketAddr;

use tokio::net::TcpSocket;

use crate::{config::HttpConfig, http::ops::shutdown};

/// Sockets that have their addresses, and do not listen yet.
pub(super) struct Sockets {
    /// `BIND`.
    pub(super) http: TcpSocket,
    /// `METRICS_BIND`.
    pub(super) metrics: Option<TcpSocket>,
}

impl Sockets {
    /// Takes the addresses, or says which of them cannot be had.
    pub(super) fn bind(config: &HttpConfig) -> anyhow::Result<Self> {
        Ok(Self {
            http: bind("BIND", config.bind)?,
            metrics: config
                .metrics_bind
                .map(|address| bind("METRICS_BIND", address))
                .transpose()?,
        })
    }
}

fn bind(variable: &str, address: SocketAddr) -> anyhow::Result<TcpSocket> {
    shutdown::bind(address)
        .map_err(|error| anyhow::anyhow!("{variable}: cannot listen on {address}: {error}"))
}
