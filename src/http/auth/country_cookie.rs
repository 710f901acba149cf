//! The country of the last number that a browser asked a code for, so that its forms begin with it.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
};

use crate::{domain::mobile::Mobile, errors::Error, http::state::WebState};

const NAME: &str = "haoma_country";

/// Remembers the country of a number for a year, if several are served.
pub(super) fn remember(
    web: &WebState,
    response: &mut HttpResponse,
    mobile: &Mobile,
) -> Result<(), Error> {
    let Some(country) = mobile.region().filter(|_| web.country_menu.is_shown()) else {
        return Ok(());
    };
    let cookie = Cookie::build(web.origin.cookie_name(NAME), country)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(web.origin.is_https())
        .max_age(Duration::days(365))
        .finish();
    response.add_cookie(&cookie).map_err(Error::internal)
}

/// Returns what is remembered; it may be anything.
pub fn remembered(web: &WebState, request: &HttpRequest) -> Option<String> {
    request.cookie(&web.origin.cookie_name(NAME)).map(|cookie| cookie.value().to_owned())
}
