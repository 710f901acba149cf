//! A session on another site of the operator: the way to it and its end.
//!
//! The way leads by `/.haoma/start` there, `/hand-over` on our own host and `/.haoma/callback` there. The proxy of the site
//! passes `/.haoma/` on to us.

use actix_web::{HttpRequest, HttpResponse, http::header::HOST, web::Data};
use url::Url;

use crate::{
    errors::Error,
    flows::{State, sign_out::sign_out},
    http::{
        auth::{
            current_session::client_session, hand_over, sign_out::ignore_not_found, site_session,
            viewer::Viewer,
        },
        pages::{next, view::see_other},
        proxy::paths::{CALLBACK, HAND_OVER},
        state::WebState,
    },
};

/// `GET /.haoma/start?next=/…` on a site: sends the browser to our own host, which knows whether it is signed in.
pub async fn start(request: HttpRequest, web: Data<WebState>) -> Result<HttpResponse, Error> {
    let site = site_of(&request, &web).ok_or(Error::UnknownHost)?;
    let own = web.origin.public_url().ok_or(Error::NotFound)?;
    let (nonce, browser) = hand_over::nonce();
    let mut to = own.join(HAND_OVER).map_err(Error::internal)?;
    let path = next::path_on_site(&next::of(request.query_string()));
    to.query_pairs_mut().extend_pairs([("site", &site), ("browser", &browser), ("next", &path)]);
    let mut response = see_other(to.as_str());
    hand_over::keep_nonce(&web, &mut response, &nonce)?;
    Ok(response)
}

/// `GET /hand-over` on our own host: hands the session over to the site, after a sign-in if there is none.
pub async fn hand_over_session(
    request: HttpRequest,
    web: Data<WebState>,
    viewer: Result<Viewer, Error>,
) -> Result<HttpResponse, Error> {
    let query = request.query_string();
    let (site, browser) = (next::value(query, "site"), next::value(query, "browser"));
    if !web.http.sites.has_origin(&site) {
        return Err(Error::NotFound);
    }
    if let Err(error) = viewer {
        if matches!(error, Error::Store(_)) {
            return Err(error);
        }
        let here = request.uri().to_string();
        return Ok(see_other(&next::onto(&web.http.sites, "/login", &here)));
    }
    let path = next::path_on_site(&next::value(query, "next"));
    let ticket = hand_over::ticket(&web, &request, (&browser, &site, &path))?;
    let mut to = Url::parse(&site).map_err(Error::internal)?;
    to.set_path(CALLBACK);
    to.query_pairs_mut().append_pair("ticket", &ticket);
    Ok(see_other(to.as_str()))
}

/// `GET /.haoma/callback?ticket=…` on a site: sets the cookie of the session there.
pub async fn callback(
    request: HttpRequest,
    state: Data<State>,
    web: Data<WebState>,
) -> Result<HttpResponse, Error> {
    let site = site_of(&request, &web).ok_or(Error::UnknownHost)?;
    let ticket = next::value(request.query_string(), "ticket");
    let arrived = hand_over::take((&state, &web), &request, (&site, &ticket)).await?;
    // A page says what to do: another redirect could go on for ever in a browser without cookies.
    let arrived = arrived.ok_or(Error::CrossSite)?;
    let mut response = see_other(&arrived.next);
    site_session::set((&state, &web), &mut response, (&site, &arrived))?;
    Ok(response)
}

/// `POST /.haoma/logout?next=/…` on a site: ends its session everywhere. It also succeeds if nobody was signed in.
pub async fn sign_out_there(
    request: HttpRequest,
    state: Data<State>,
    web: Data<WebState>,
) -> Result<HttpResponse, Error> {
    let site = site_of(&request, &web).ok_or(Error::UnknownHost)?;
    if let Some(live) = site_session::find((&state, &web), &request, &site).await? {
        ignore_not_found(sign_out(&state, client_session(&live)).await)?;
    }
    let mut response = see_other(&next::path_on_site(&next::of(request.query_string())));
    site_session::remove(&web, &mut response)?;
    Ok(response)
}

/// Returns the site that a request came to.
fn site_of(request: &HttpRequest, web: &WebState) -> Option<String> {
    let host = request.headers().get(HOST)?.to_str().ok()?;
    web.http.sites.of_host(host).map(|site| site.origin().ascii_serialization())
}
