//! `GET /metrics`, on an address of its own (R101).

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    web::Data,
};

use crate::{errors::Error, flows::State, metrics};

/// Everything that was counted. How busy the database is, and whom the breakers keep from being asked, is
/// looked up only here.
pub async fn get(state: Data<State>) -> Result<HttpResponse, Error> {
    let (in_use, of) = state.db.in_use();
    state.metrics.set_db_connections(in_use, of);
    for (provider, is_left_alone) in state.sms.open_breakers() {
        state.metrics.set_circuit_open(provider, is_left_alone);
    }
    let text = state.metrics.text().map_err(Error::internal)?;
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, metrics::CONTENT_TYPE));
    Ok(response.insert_header((CACHE_CONTROL, "no-store")).body(text))
}
