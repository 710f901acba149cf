//! For those who watch over us: up or down, and nothing else (R101).

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use serde_json::json;

use crate::{flows::State, http::state::WebState};

/// `GET /healthz`: the process answers.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "up" }))
}

/// `GET /readyz`: whether to send people here.
///
/// Without the database nothing works; without Redis, or while every SMS provider is left alone, people who
/// have an account still get in.
pub async fn readyz(state: Data<State>, web: Data<WebState>) -> HttpResponse {
    if web.leaving.has_begun() {
        return HttpResponse::ServiceUnavailable().json(json!({ "status": "leaving" }));
    }
    let (db, kv) = futures_util::join!(state.db.ping(), state.codes.ping());
    let (code, status) = match (db, kv) {
        (Ok(()), Ok(())) if state.sms.open_breakers().any(|(_, is_so)| !is_so) => {
            (StatusCode::OK, "up")
        }
        (Ok(()), _) => (StatusCode::OK, "degraded"),
        (Err(_), _) => (StatusCode::SERVICE_UNAVAILABLE, "down"),
    };
    HttpResponse::build(code).json(json!({ "status": status }))
}
