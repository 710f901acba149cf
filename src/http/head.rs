//! What stands before a body: no longer than any honest browser makes it (R55).

use actix_web::dev::RequestHead;

use crate::errors::Error;

const LONGEST_URL: usize = 4 * 1024;
const MOST_HEADERS: usize = 64;
/// Bytes of all headers as they were sent.
const LARGEST_HEADERS: usize = 16 * 1024;

/// Refuses a head that is larger than that; actix itself takes 96 headers and 128 KiB.
pub fn check(head: &RequestHead) -> Result<(), Error> {
    let headers = head.headers();
    // `: ` and the end of the line.
    let bytes: usize = headers.iter().map(|(name, it)| name.as_str().len() + it.len() + 4).sum();
    if head.uri.to_string().len() > LONGEST_URL {
        Err(Error::UrlTooLong)
    } else if headers.len() > MOST_HEADERS || bytes > LARGEST_HEADERS {
        Err(Error::HeadersTooLarge)
    } else {
        Ok(())
    }
}
