//! `/api/v1/proof-of-work`: challenges for the proof of work.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};

use crate::{
    domain::proof_of_work::USUAL_COST,
    errors::{Error, Problem},
    flows::{State, admit::current_cost},
    http::{
        auth::client_context::ClientContext, middleware::origin::refuse_other_sites,
        response::envelope,
    },
};

/// The most work that a client can ask for.
const MAX_COST: u32 = 512;

/// `GET /proof-of-work`: a challenge in the format of ALTCHA, which can be used once, at the cost that holds for the
/// client, or of at least `?cost=`. Pages of other sites are refused.
pub async fn get(
    request: HttpRequest,
    state: Data<State>,
    context: ClientContext,
) -> Result<HttpResponse, Error> {
    refuse_other_sites(&request)?;
    let mut query = url::form_urlencoded::parse(request.query_string().as_bytes());
    let wanted = match query.find(|(name, _)| name == "cost") {
        Some((name, text)) => text
            .parse()
            .ok()
            .filter(|cost| (USUAL_COST..=MAX_COST).contains(cost))
            .ok_or_else(|| Error::field(&name, Problem::Malformed))?,
        None => USUAL_COST,
    };
    let cost = current_cost(&state, context.client()?).await?.max(wanted);
    Ok(envelope::ok(StatusCode::OK, state.pow_challenges.issue(cost)))
}
