//! Values that are computed once for each request and read by everything that handles it.

use std::net::IpAddr;

use actix_web::{HttpMessage as _, HttpRequest};

use super::state::WebState;
use crate::i18n::{language, language::Language};

/// The client's address and language.
#[derive(Clone, Copy, Debug)]
pub struct RequestContext {
    /// The client's address, behind the trusted proxies; `None` if the peer is gone already.
    pub address: Option<IpAddr>,
    /// The language of the answer.
    pub language: Language,
}

impl RequestContext {
    /// Returns the context of a request. The first call works it out and keeps it in the request's extensions; that is in
    /// the outermost layer, before other layers remove cookies.
    pub fn of(request: &HttpRequest, web: &WebState) -> Self {
        if let Some(known) = request.extensions().get::<Self>() {
            return *known;
        }
        let peer = request.peer_addr().map(|peer| peer.ip());
        let context = Self {
            address: peer.map(|peer| web.proxies.client_address(peer, request.headers())),
            language: language::of_request(request.query_string(), request.headers()),
        };
        request.extensions_mut().insert(context);
        context
    }
}
