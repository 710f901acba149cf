//! The client behind a request, as far as the network shows.

use std::net::IpAddr;

/// The client of a request.
#[derive(Clone, Debug)]
pub struct Client {
    /// The address of the client. Trusted proxies are skipped.
    pub address: IpAddr,
    /// The `User-Agent`, cut to 255 characters.
    pub device: String,
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
}

/// The session of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSession {
    /// The id of the account.
    pub user_id: i64,
    /// The id of the session in lists.
    pub public_id: String,
}
