//! What every request passes through before and after its handler.

pub mod access_log;
pub mod connection_limit;
pub mod error_response;
pub mod head_limits;
pub mod origin;
pub mod own_origin;
pub(crate) mod security_headers;
pub mod timeout;
