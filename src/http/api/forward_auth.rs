//! `/api/v1/forward-auth`: a reverse proxy asks here who is signed in before it passes a request on.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{HeaderValue, LOCATION},
    web::Data,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::{
    errors::Error,
    flows::State,
    http::{
        auth::{site_session, viewer::Viewer},
        context::RequestContext,
        middleware::head_limits::MAX_URL_BYTES,
        pages::next,
        proxy::{
            original_request::{self, Original, Passes},
            paths::{ON_SITES, START},
        },
        response::{envelope, error_log::log_error},
        state::WebState,
    },
};

/// Encodes all but the unreserved characters of RFC 3986, so that clients decode it with `decodeURIComponent` and an ASCII
/// name stays as it is.
const UNRESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// `GET /forward-auth`: the account in headers.
///
/// Every answer has all of them, so that a proxy that copies them overwrites forged ones from the client. The number is
/// not masked, because it goes to the operator's own site.
///
/// A browser that is not signed in and opens a page is redirected to the sign-in page, if the proxy says which page it
/// is. Programs and forms get a 401.
pub async fn get(
    request: HttpRequest,
    (state, web): (Data<State>, Data<WebState>),
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    let site = original_request::site(request.headers(), &web.http.sites);
    let viewer = match (viewer, site) {
        (Err(Error::NotSignedIn), Some(site)) => viewer_at((&state, &web), &request, site).await,
        (viewer, _) => viewer,
    };
    let viewer = match viewer {
        Ok(viewer) => viewer,
        Err(Error::NotSignedIn) => {
            return redirect_to_sign_in(&request, &web, site).ok_or(Error::NotSignedIn);
        }
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

/// Returns the person whose session the cookie of a site opens there.
async fn viewer_at(
    states: (&State, &WebState),
    request: &HttpRequest,
    site: &Url,
) -> Result<Viewer, Error> {
    let origin = site.origin().ascii_serialization();
    let live = site_session::find(states, request, &origin).await?;
    live.as_ref().map(Viewer::from).ok_or(Error::NotSignedIn)
}

/// Redirects a browser that opens a page to the sign-in page; `None` for any other request.
fn redirect_to_sign_in(
    request: &HttpRequest,
    web: &WebState,
    site: Option<&Url>,
) -> Option<HttpResponse> {
    let headers = request.headers();
    let original = Original::of(headers).filter(|original| original.navigates)?;
    if site.is_some() && original.uri.starts_with(ON_SITES) {
        // The proxy asks for what it has to pass on. A redirect would lead to the same question, and so on for ever.
        return None;
    }
    let (host, begin) = match site {
        Some(site) => (site.clone(), START),
        None => (original.own_origin(headers, &web.origin)?, "/login"),
    };
    let mut page = next::onto(&web.http.sites, begin, &original.uri);
    if page.len() > MAX_URL_BYTES {
        // Signing in matters more than coming back.
        page = next::onto(&web.http.sites, begin, "");
    }
    // An absolute URL, because Traefik prefixes a path with the address under which it reaches us.
    let page = format!("{}{page}", host.origin().ascii_serialization());
    let location = HeaderValue::from_str(&page).ok()?;
    let mut response = match original.passes {
        Passes::Answer => HttpResponse::SeeOther().finish(),
        // nginx reads `Location` from the 401 and makes a redirect of it.
        Passes::Status => {
            let error = Error::NotSignedIn;
            log_error(&web.metrics, &error);
            envelope::failure(&web.catalog, RequestContext::of(request, web).language, &error)
        }
    };
    response.headers_mut().insert(LOCATION, location);
    Some(response)
}
