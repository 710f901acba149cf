//! "Stay signed in": a session cookie that outlives the browser.

use std::time::Duration;

use actix_web::{
    Error as ActixError, HttpMessage as _,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderValue, SET_COOKIE},
    middleware::Next,
    web::Data,
};

use super::session;
use crate::http::state::WebState;

/// Put on a request whose new session cookie the browser shall keep for so long.
#[derive(Clone, Copy, Debug)]
pub struct CookieMaxAge(pub Duration);

/// Gives the session cookie its `Max-Age`. actix-session knows one life for all cookies; here it is the
/// person who chooses. The server ends the session by its own clock either way (R82).
pub async fn set_max_age(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    let mut response = next.call(request).await?;
    let life = response.request().extensions().get::<CookieMaxAge>().copied();
    let web = response.request().app_data::<Data<WebState>>().cloned();
    if let (Some(CookieMaxAge(life)), Some(web)) = (life, web) {
        let ours = format!("{}=", session::cookie_name(&web));
        let cookies: Vec<HeaderValue> = response.headers_mut().remove(SET_COOKIE).collect();
        for cookie in cookies {
            let kept = kept_for(&cookie, &ours, life).unwrap_or(cookie);
            response.headers_mut().append(SET_COOKIE, kept);
        }
    }
    Ok(response)
}

fn kept_for(cookie: &HeaderValue, ours: &str, life: Duration) -> Option<HeaderValue> {
    let text = cookie.to_str().ok().filter(|it| it.starts_with(ours))?;
    HeaderValue::from_str(&format!("{text}; Max-Age={}", life.as_secs())).ok()
}
