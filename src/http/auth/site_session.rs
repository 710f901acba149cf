//! The cookie of a session on another site of the operator. It opens what that site may know of the session, and ends it;
//! the key of the session stays on our own host.

use actix_web::{
    HttpMessage as _, HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time},
};

use super::{current_session::CookiesIgnored, hand_over::Arrived};
use crate::{
    errors::Error,
    flows::{State, find_session::find_session},
    http::{context::RequestContext, state::WebState},
    stores::tables::sessions::{KeyHash, LiveSession, Lookup},
};

const COOKIE: &str = "haoma_site";

/// Has an answer set the cookie of a session that has arrived at `site`. It lasts as long as that on our own host.
pub fn set(
    (state, web): (&State, &WebState),
    response: &mut HttpResponse,
    (site, arrived): (&str, &Arrived),
) -> Result<(), Error> {
    let mut cookie = cookie(web, web.site_sessions.sign(site, arrived.session.as_str()));
    if arrived.live.remember {
        let life = state.lifetimes.remembered.absolute;
        cookie.set_max_age(time::Duration::try_from(life).map_err(Error::internal)?);
    }
    response.add_cookie(&cookie).map_err(Error::internal)
}

/// Has an answer delete the cookie.
pub fn remove(web: &WebState, response: &mut HttpResponse) -> Result<(), Error> {
    response.add_removal_cookie(&cookie(web, String::new())).map_err(Error::internal)
}

/// Returns the session whose cookie came to `site`, if it is live.
pub async fn find(
    (state, web): (&State, &WebState),
    request: &HttpRequest,
    site: &str,
) -> Result<Option<LiveSession>, Error> {
    if request.extensions().contains::<CookiesIgnored>() {
        return Err(Error::OriginMissing);
    }
    let Some(session) = named(web, request, site) else { return Ok(None) };
    match find_session(state, &session, RequestContext::of(request, web).address).await? {
        Lookup::Live(live) => Ok(Some(live)),
        // Our own host says why it has ended, where the person is sent to sign in.
        Lookup::Expired | Lookup::Displaced | Lookup::Ended | Lookup::NotFound => Ok(None),
    }
}

/// Returns the session that a cookie names. Of several cookies that is the first one that we have set: over http another
/// host can set one too.
fn named(web: &WebState, request: &HttpRequest, site: &str) -> Option<KeyHash> {
    let name = web.origin.cookie_name(COOKIE);
    let cookies = request.cookies().ok()?;
    let mut values = cookies.iter().filter(|cookie| cookie.name() == name).map(Cookie::value);
    values.find_map(|value| KeyHash::parse(web.site_sessions.verify(site, value)?))
}

fn cookie(web: &WebState, value: String) -> Cookie<'static> {
    Cookie::build(web.origin.cookie_name(COOKIE), value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(web.origin.is_https())
        .finish()
}
