//! Which number this browser has asked a code for: what makes the countdown survive a reload.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, CookieJar, SameSite, time},
};
use chrono::Utc;

use super::web::Web;
use crate::{
    domain::{mobile::Mobile, purpose::Purpose},
    errors::Error,
};

/// As long as a code can live (SECURITY R14).
const LIFE: Duration = Duration::from_mins(10);

/// Remembers the number in an encrypted cookie: it is personal data, and no URL is a place for it
/// (SECURITY R100). The seconds that remain are not in it: those the server knows.
pub fn remember(
    web: &Web,
    response: &mut HttpResponse,
    mobile: &Mobile,
    purpose: Purpose,
) -> Result<(), Error> {
    let ends_at = Utc::now() + LIFE;
    let value = format!("{} {}", ends_at.timestamp(), mobile.as_str());
    let life = time::Duration::try_from(LIFE).map_err(Error::internal)?;
    let cookie = Cookie::build(cookie_name(purpose), value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(web.origin.is_https())
        .max_age(life)
        .finish();
    let mut jar = CookieJar::new();
    jar.private_mut(&web.cookie_key).add(cookie);
    jar.delta().try_for_each(|it| response.add_cookie(it)).map_err(Error::internal)
}

/// The number this browser has asked a code for in the last minutes.
pub fn recall(web: &Web, request: &HttpRequest, purpose: Purpose) -> Option<Mobile> {
    let mut jar = CookieJar::new();
    jar.add_original(request.cookie(&cookie_name(purpose))?);
    let cookie = jar.private(&web.cookie_key).get(&cookie_name(purpose))?;
    let (ends_at, mobile) = cookie.value().split_once(' ')?;
    let ends_at: i64 = ends_at.parse().ok()?;
    (Utc::now().timestamp() < ends_at).then(|| Mobile::from_stored(mobile.to_owned()))
}

fn cookie_name(purpose: Purpose) -> String {
    format!("haoma_{}", purpose.as_str())
}
