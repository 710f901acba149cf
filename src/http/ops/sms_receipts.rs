//! `/webhooks/sms/{provider}/{secret}`: SMS vendors report here whether messages were delivered.

use actix_web::{
    HttpResponse,
    web::{Data, Path, Payload},
};

use crate::{
    errors::Error,
    flows::{State, record_receipts::record_receipts},
    http::{request::body, state::WebState},
    sms::receipts,
};

/// The largest report in bytes. Vendors send up to a hundred receipts at once, of some 300 bytes each.
const MAX_REPORT_BYTES: usize = 256 * 1024;

/// `POST /webhooks/sms/{provider}/{secret}`. The vendors do not sign their reports, so the URL contains a secret. With a
/// wrong one the answer is 404.
pub async fn post(
    state: Data<State>,
    web: Data<WebState>,
    path: Path<(String, String)>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let (provider, secret) = path.into_inner();
    if !web.receipts_secret.as_ref().is_some_and(|own| own.matches(&secret)) {
        return Err(Error::NotFound);
    }
    let body = body::read_at_most(MAX_REPORT_BYTES, payload.into_inner()).await?;
    let report = receipts::parse(&provider, &body).ok_or(Error::Unreadable)?;
    record_receipts(&state, &provider, report.receipts).await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(report.acknowledgement))
}
