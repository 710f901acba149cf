//! `/api/v1/forward-auth`: who is there, asked by a proxy before it lets a request through.

use actix_web::HttpResponse;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::http::session::Viewer;

/// As `encodeURIComponent` does it: an ASCII name stays as it is.
const UNRESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// `GET /forward-auth`: every header on every answer, so that a proxy that copies them overwrites
/// whatever the client has made up. The number is whole: it goes to the operator's own site.
pub async fn get(viewer: Viewer) -> HttpResponse {
    let account = &viewer.account;
    let name = utf8_percent_encode(account.name.as_str(), &UNRESERVED).to_string();
    HttpResponse::Ok()
        .insert_header(("x-haoma-user-id", account.id))
        .insert_header(("x-haoma-name", name))
        .insert_header(("x-haoma-mobile", account.mobile.as_str()))
        .insert_header(("x-haoma-session", viewer.session.public_id))
        .finish()
}
