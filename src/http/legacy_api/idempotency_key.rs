//! Idempotency keys for clients that send none, so that a double click registers or signs in once.

use actix_web::HttpRequest;

use crate::{
    domain::{hex::hex, purpose::Purpose},
    http::{
        auth::pending_cookie,
        request::{fields::Fields, idempotency},
        state::WebState,
    },
};

/// Sets the idempotency key of the fields: the header `Idempotency-Key` if there is one, else a key made of the cookie
/// of the code that this browser requested and of the fields themselves. A browser that has not requested a code gets
/// no key.
pub(super) fn set_idempotency_key(
    web: &WebState,
    request: &HttpRequest,
    fields: &mut Fields,
    purpose: Purpose,
) {
    let key = idempotency::header(request).or_else(|| {
        let cookie = pending_cookie::sent_cookie(web, request, purpose)?;
        let parts = [&["browser", &*cookie], &*fields.canonical()].concat();
        Some(hex(&web.idempotency_secrets.first()?.mac(&parts)))
    });
    if let Some(key) = key {
        fields.set_idempotency_key(key);
    }
}
