//! What proxies in front of us say about a request.

pub mod forwarded;
pub mod original_request;
pub mod untrusted_warning;
