//! The client behind a request, as far as the network shows.

use std::net::IpAddr;

use super::{device::DeviceId, language::Language, network::Network, requester::Requester};

/// The client of a request.
#[derive(Clone, Debug)]
pub struct Client {
    /// The address of the client. Trusted proxies are skipped.
    pub address: IpAddr,
    /// The `User-Agent`, cut to 255 characters.
    pub user_agent: String,
    /// The language of the request, in which a message is written too.
    pub language: Language,
    /// The device, if the client sent an id that we have signed.
    pub device: Option<DeviceId>,
    /// The id that the answer gives to a client that sent none, if it gives one.
    pub new_device: DeviceId,
    /// The session of the request. A sign-in replaces it.
    pub session: Option<ClientSession>,
    /// Other sessions whose keys the client sent, which are not trusted as the session of the request. A sign-in ends
    /// them too.
    pub others: Vec<ClientSession>,
    /// Whether the client keeps its key itself, as an app does, and not in a browser's cookie.
    pub is_app: bool,
}

impl Client {
    /// Returns the account of the session.
    pub fn user_id(&self) -> Option<i64> {
        self.session.as_ref().map(|session| session.user_id)
    }

    /// Returns whom the request is counted for.
    pub fn requester(&self) -> Requester {
        let network = || Requester::Network(Network::of(self.address));
        self.device.map_or_else(network, Requester::Device)
    }

    /// Returns the id that the client has after an answer that gives one.
    pub fn device_after_answer(&self) -> DeviceId {
        self.device.unwrap_or(self.new_device)
    }
}

/// The session of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSession {
    /// The id of the account.
    pub user_id: i64,
    /// The id of the session in lists.
    pub public_id: String,
}
