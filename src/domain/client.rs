//! Who stands behind a request, as far as the network tells.

use std::net::IpAddr;

/// The other end of a request.
#[derive(Clone, Debug)]
pub struct Client {
    /// Where the request came from; proxies that are trusted are looked through.
    pub address: IpAddr,
    /// What the browser or app says it is; cut to 255 characters.
    pub device: String,
    /// The session it came with; a sign-in replaces that one.
    pub session: Option<ClientSession>,
    /// Other sessions that it has keys of and is not believed to come from; a sign-in ends them too.
    pub others: Vec<ClientSession>,
    /// Whether it keeps its key itself, as an app does, and not in a browser's cookie.
    pub is_app: bool,
}

impl Client {
    /// The account of the session that the request came with.
    pub fn user_id(&self) -> Option<i64> {
        self.session.as_ref().map(|session| session.user_id)
    }
}

/// Which session a request came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSession {
    /// Whose it is.
    pub user_id: i64,
    /// Its name in lists.
    pub public_id: String,
}
