//! `/api/v1/proof-of-work`: challenges for the proof of work.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};

use crate::{
    domain::proof_of_work::USUAL_COST,
    errors::Error,
    flows::State,
    http::{middleware::origin::refuse_other_sites, response::envelope},
};

/// `GET /proof-of-work`: a challenge in the format of ALTCHA, which can be used once. Pages of other sites are refused.
pub async fn get(request: HttpRequest, state: Data<State>) -> Result<HttpResponse, Error> {
    refuse_other_sites(&request)?;
    Ok(envelope::ok(StatusCode::OK, state.pow_challenges.issue(USUAL_COST)))
}
