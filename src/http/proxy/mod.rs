//! The headers that proxies in front of us add to a request.

pub mod forwarded;
pub mod original_request;
pub mod paths;
pub mod untrusted_warning;
