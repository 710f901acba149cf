//! `/api/v1/openapi.json`: what all of this is, for programs that read such documents.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, ContentType},
};

/// Written by hand: the types that a derived one would need would be there for nothing else. Tests hold it
/// against the routes, the fields and real answers.
const DOCUMENT: &str = include_str!("openapi.json");

/// `GET /openapi.json`: no envelope, for this form is not ours.
pub async fn get() -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .body(DOCUMENT)
}
