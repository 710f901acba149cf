//! The metrics of the service, on an address of their own (R101).

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    web::Data,
};

use crate::{errors::Error, flows::State, metrics};

/// `GET /metrics`: everything that is counted. The gauges of database connections and of the SMS providers' circuit
/// breakers are set only here, when they are read.
pub async fn get(state: Data<State>) -> Result<HttpResponse, Error> {
    let (in_use, total) = state.db.in_use();
    state.metrics.set_db_connections(in_use, total);
    for (provider, is_open) in state.sms.open_breakers() {
        state.metrics.set_circuit_open(provider, is_open);
    }
    let text = state.metrics.text().map_err(Error::internal)?;
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, metrics::CONTENT_TYPE));
    Ok(response.insert_header((CACHE_CONTROL, "no-store")).body(text))
}
