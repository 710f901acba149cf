//! A step that a front-end sends twice, as after a double click, and that is done once.
//!
//! These front-ends have no idempotency key, but each browser has the cookie of the code that it has asked for.

use actix_web::HttpRequest;

use crate::{
    domain::{hex::hex, purpose::Purpose},
    http::{
        auth::pending_cookie,
        request::{idempotency, input::Fields},
        state::WebState,
    },
};

/// Has fields known again when this browser sends them a second time: by an `Idempotency-Key` if there is one, else
/// by the browser's cookie and by what was asked. From a browser that has asked for no code each request is for
/// itself.
pub(super) fn known_again(
    web: &WebState,
    request: &HttpRequest,
    fields: &mut Fields,
    purpose: Purpose,
) {
    let key = idempotency::header(request).or_else(|| {
        let cookie = pending_cookie::sent_cookie(web, request, purpose)?;
        let asked = [&["browser", &*cookie], &*fields.canonical()].concat();
        Some(hex(&web.repeat_keys.first()?.mac(&asked)))
    });
    if let Some(key) = key {
        fields.set_idempotency_key(key);
    }
}
