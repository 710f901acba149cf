//! `/api/v1/forward-auth`: who is there, asked by a proxy before it lets a request through.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{HeaderValue, LOCATION},
    web::Data,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    errors::Error,
    http::{
        auth::viewer::Viewer,
        context::RequestContext,
        middleware::head_limits::LONGEST_URL,
        pages::next,
        proxy::original_request::{Original, Passes},
        response::{envelope, error_log::log_error},
        state::WebState,
    },
};

/// As `encodeURIComponent` does it: an ASCII name stays as it is.
const UNRESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// `GET /forward-auth`: every header on every answer, so that a proxy that copies them overwrites
/// whatever the client has made up. The number is whole: it goes to the operator's own site.
///
/// People who are not signed in are sent to the sign-in page if the proxy says where they wanted to go; programs
/// and forms get the 401, which says what is the matter.
pub async fn get(
    request: HttpRequest,
    web: Data<WebState>,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    let viewer = match viewer {
        Ok(viewer) => viewer,
        Err(Error::NotSignedIn) => return to_sign_in(&request, &web).ok_or(Error::NotSignedIn),
        Err(error) => return Err(error),
    };
    let account = &viewer.account;
    let name = utf8_percent_encode(account.name.as_str(), &UNRESERVED).to_string();
    Ok(HttpResponse::Ok()
        .insert_header(("x-haoma-user-id", account.id))
        .insert_header(("x-haoma-name", name))
        .insert_header(("x-haoma-mobile", account.mobile.as_str()))
        .insert_header(("x-haoma-session", viewer.session.public_id))
        .finish())
}

/// The way to the sign-in page for somebody who goes to a page of the site.
fn to_sign_in(request: &HttpRequest, web: &WebState) -> Option<HttpResponse> {
    let headers = request.headers();
    let original = Original::of(headers).filter(|original| original.navigates)?;
    let own = original.own_origin(headers, &web.origin)?;
    let mut page = next::onto("/login", &original.uri);
    if page.len() > LONGEST_URL {
        // Signing in matters more than coming back.
        page = next::onto("/login", "");
    }
    // With the origin: Traefik would put the address under which it knows us before a bare path.
    let page = format!("{}{page}", own.origin().ascii_serialization());
    let location = HeaderValue::from_str(&page).ok()?;
    let mut response = match original.passes {
        Passes::Answer => HttpResponse::SeeOther().finish(),
        // nginx takes the address out of the refusal, and makes a 303 of it.
        Passes::Status => {
            let error = Error::NotSignedIn;
            log_error(&web.metrics, &error);
            envelope::failure(&web.catalog, RequestContext::of(request, web).language, &error)
        }
    };
    response.headers_mut().insert(LOCATION, location);
    Some(response)
}
