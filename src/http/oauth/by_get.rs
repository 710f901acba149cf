//! Requests that clients may send people with by POST (OpenID Connect Core 1.0, 3.1.2.1; RP-Initiated Logout 1.0, 2).

use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web::Payload};

use crate::{
    errors::Error,
    http::{
        pages::view::see_other,
        request::body::{is_form, read},
    },
};

/// Leads on to the same request by GET: browsers do not send our cookie with a form of another site.
pub async fn post(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Error> {
    if !is_form(request.content_type()) {
        return Err(Error::UnsupportedType);
    }
    let body = read(payload.into_inner()).await?;
    let pairs = url::form_urlencoded::parse(&body);
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    Ok(see_other(&format!("{}?{query}", request.path())))
}
