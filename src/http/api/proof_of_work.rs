//! `/api/v1/proof-of-work`.

use actix_web::{HttpResponse, http::StatusCode, web::Data};

use crate::{flows::State, http::answer};

/// `GET /proof-of-work`: a question to be answered once, in ALTCHA's format.
pub async fn get(state: Data<State>) -> HttpResponse {
    answer::ok(StatusCode::OK, state.proofs.ask())
}
