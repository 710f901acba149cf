//! `/api/v1/openapi.json`: the description of this API as an `OpenAPI` document.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, ContentType},
};

/// It is written by hand, because a generated one would need types that nothing else uses. Tests compare it with the
/// routes, the fields and real answers.
const DOCUMENT: &str = include_str!("openapi.json");

/// `GET /openapi.json`: the document itself, without our envelope.
pub async fn get() -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .body(DOCUMENT)
}
