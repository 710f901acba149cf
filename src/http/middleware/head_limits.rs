//! Limits for the URL and the headers of a request: larger than any browser makes them (R55).

use actix_web::{dev::RequestHead, http::header::COOKIE};

use crate::{errors::Error, http::proxy::paths::FORWARD_AUTH};

/// The most bytes of path and query.
pub const MAX_URL_BYTES: usize = 4 * 1024;
const MAX_HEADERS: usize = 64;
/// The most bytes of all headers but cookies, as they were sent.
const MAX_HEADER_BYTES: usize = 16 * 1024;

/// Refuses a head that is too large. actix itself accepts 96 headers and 128 KiB.
///
/// Cookies do not count: a site on the same host may set many of them, which must not keep people from signing in. A
/// proxy repeats the headers of a request to the site that it protects, so nothing is refused there.
pub fn check_head(head: &RequestHead) -> Result<(), Error> {
    if head.uri.path() == FORWARD_AUTH {
        return Ok(());
    }
    let headers = head.headers();
    let counted = headers.iter().filter(|(name, _)| **name != COOKIE);
    // The 4 bytes are `: ` and the end of the line.
    let bytes: usize = counted.map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if head.uri.to_string().len() > MAX_URL_BYTES {
        Err(Error::UrlTooLong)
    } else if headers.len() > MAX_HEADERS || bytes > MAX_HEADER_BYTES {
        Err(Error::HeadersTooLarge)
    } else {
        Ok(())
    }
}
