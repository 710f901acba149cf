//! Health checks for load balancers and monitoring. They say whether the service works, and nothing else (R101).

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use serde_json::json;

use crate::{flows::State, http::state::WebState};

/// `GET /healthz`: the process answers.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "up" }))
}

/// `GET /readyz`: whether to send requests to this instance.
///
/// Without the database nothing works. Without Redis, or while the circuit breakers of all SMS providers are open,
/// people who have an account can still sign in, so the service is degraded but ready. So it is while the memory that
/// replaces Redis is nearly full: it forgets the least that it can, and there is no other instance to send people to.
pub async fn readyz(state: Data<State>, web: Data<WebState>) -> HttpResponse {
    if web.shutdown.has_begun() {
        return HttpResponse::ServiceUnavailable().json(json!({ "status": "leaving" }));
    }
    let (db, kv) = futures_util::join!(state.db.ping(), state.codes.ping());
    let has_provider = state.sms.open_breakers().any(|(_, is_open)| !is_open);
    let (code, status) = match (db, kv) {
        (Ok(()), Ok(())) if has_provider && !state.codes.is_store_nearly_full() => {
            (StatusCode::OK, "up")
        }
        (Ok(()), _) => (StatusCode::OK, "degraded"),
        (Err(_), _) => (StatusCode::SERVICE_UNAVAILABLE, "down"),
    };
    HttpResponse::build(code).json(json!({ "status": status }))
}
