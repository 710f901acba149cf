//! What stands before a body: no longer than any honest browser makes it (R55).

use actix_web::{dev::RequestHead, http::header::COOKIE};

use crate::{errors::Error, http::proxy::original_request::FORWARD_AUTH};

/// Bytes of path and query.
pub const LONGEST_URL: usize = 4 * 1024;
const MOST_HEADERS: usize = 64;
/// Bytes of all headers but cookies, as they were sent.
const LARGEST_HEADERS: usize = 16 * 1024;

/// Refuses a head that is larger than that; actix itself takes 96 headers and 128 KiB.
///
/// Cookies do not count: a site on the same host sets as many as it likes, and people could not sign in
/// because of them. What a proxy asks about is a request to that site, so nothing of it is refused here.
pub fn check_head(head: &RequestHead) -> Result<(), Error> {
    if head.uri.path() == FORWARD_AUTH {
        return Ok(());
    }
    let headers = head.headers();
    let counted = headers.iter().filter(|(name, _)| **name != COOKIE);
    // `: ` and the end of the line.
    let bytes: usize = counted.map(|(name, it)| name.as_str().len() + it.len() + 4).sum();
    if head.uri.to_string().len() > LONGEST_URL {
        Err(Error::UrlTooLong)
    } else if headers.len() > MOST_HEADERS || bytes > LARGEST_HEADERS {
        Err(Error::HeadersTooLarge)
    } else {
        Ok(())
    }
}
