//! The number for which a browser has requested a code, and the proof that it has verified one, in encrypted cookies.
//! They make the countdown survive a reload.

use std::{collections::BTreeMap, time::Duration};

use actix_web::{HttpRequest, HttpResponse};
use url::{form_urlencoded, form_urlencoded::Serializer};

use super::{country_cookie, encrypted_cookie};
use crate::{
    domain::{mobile::Mobile, purpose::Purpose, sms_code::SmsCode},
    errors::Error,
    http::state::WebState,
};

/// The longest lifetime of a code (R14).
const LIFETIME: Duration = Duration::from_mins(10);
/// The cookie with a number that was verified and has no account yet, and the code that verified it.
const VERIFIED: &str = "haoma_proof";

/// Remembers a number in an encrypted cookie: it is personal data, which must not stand in a URL (R100).
///
/// The server knows how many seconds of the countdown are left. `chosen` is what else the form had, such as ticked boxes.
pub fn remember_mobile(
    web: &WebState,
    response: &mut HttpResponse,
    (mobile, chosen): (&Mobile, &[(&str, &str)]),
    purpose: Purpose,
) -> Result<(), Error> {
    let chosen = Serializer::new(String::new()).extend_pairs(chosen).finish();
    country_cookie::remember(web, response, mobile)?;
    set(web, response, &cookie_of(purpose), &format!("{} {chosen}", mobile.as_str()))
}

/// Remembers that this browser has verified a number that has no account yet.
pub fn remember_verified_mobile(
    web: &WebState,
    response: &mut HttpResponse,
    mobile: &Mobile,
    code: &SmsCode,
) -> Result<(), Error> {
    let value = format!("{} {}", mobile.as_str(), code.digits());
    set(web, response, VERIFIED, &value)
}

/// Returns the number that this browser has verified, and the code that verified it.
pub fn verified_mobile(web: &WebState, request: &HttpRequest) -> Option<(Mobile, SmsCode)> {
    let value = encrypted_cookie::value(web, request, VERIFIED)?;
    let (mobile, code) = value.split_once(' ')?;
    Some((Mobile::from_stored(mobile.to_owned()), SmsCode::parse(code).ok()?))
}

/// Deletes the cookie of a verified number.
pub fn forget_verified_mobile(web: &WebState, response: &mut HttpResponse) -> Result<(), Error> {
    encrypted_cookie::forget(web, response, VERIFIED)
}

fn set(web: &WebState, response: &mut HttpResponse, name: &str, value: &str) -> Result<(), Error> {
    encrypted_cookie::set(web, response, name, value, LIFETIME)
}

/// Returns the cookie of a requested code as the browser sent it. No other browser has the same one.
pub fn sent_cookie(web: &WebState, request: &HttpRequest, purpose: Purpose) -> Option<String> {
    encrypted_cookie::find(web, request, &cookie_of(purpose))
        .map(|(cookie, _)| cookie.value().to_owned())
}

/// Returns the number for which this browser has requested a code in the last minutes.
pub fn pending_mobile(web: &WebState, request: &HttpRequest, purpose: Purpose) -> Option<Mobile> {
    let value = encrypted_cookie::value(web, request, &cookie_of(purpose))?;
    let mobile = value.split(' ').next()?;
    Some(Mobile::from_stored(mobile.to_owned()))
}

/// Returns what else the form had when it requested that code.
pub fn chosen(web: &WebState, request: &HttpRequest, purpose: Purpose) -> BTreeMap<String, String> {
    let value = encrypted_cookie::value(web, request, &cookie_of(purpose)).unwrap_or_default();
    let (_, chosen) = value.split_once(' ').unwrap_or_default();
    form_urlencoded::parse(chosen.as_bytes()).into_owned().collect()
}

/// Returns the number for which this browser has requested a code on any page, so that nobody types it twice.
pub fn mobile_of_any_purpose(web: &WebState, request: &HttpRequest) -> Option<Mobile> {
    let purposes = [Purpose::Login, Purpose::Register, Purpose::Reset];
    purposes.into_iter().find_map(|purpose| pending_mobile(web, request, purpose))
}

/// Forgets the numbers for which this browser has requested codes, when its person leaves.
pub fn forget_mobiles(
    web: &WebState,
    request: &HttpRequest,
    response: &mut HttpResponse,
) -> Result<(), Error> {
    for purpose in Purpose::ALL {
        let name = cookie_of(purpose);
        if request.cookie(&web.origin.cookie_name(&name)).is_some() {
            encrypted_cookie::forget(web, response, &name)?;
        }
    }
    Ok(())
}

/// Returns the name of the cookie for the number of a purpose.
fn cookie_of(purpose: Purpose) -> String {
    format!("haoma_{}", purpose.as_str())
}
