//! `/webhooks/sms/{provider}/{secret}`: where vendors report what became of messages.

use actix_web::{
    HttpResponse,
    web::{Data, Path, Payload},
};

use crate::{
    errors::Error,
    flows::{State, record_receipts::record_receipts},
    http::{request::input, state::WebState},
    sms::receipts,
};

/// Bytes of a report. Vendors send up to a hundred receipts at once, of some 300 bytes each.
const LARGEST_REPORT: usize = 256 * 1024;

/// `POST /webhooks/sms/{provider}/{secret}`. The vendors sign nothing, so the address is the secret;
/// with a wrong one it does not exist.
pub async fn post(
    state: Data<State>,
    web: Data<WebState>,
    path: Path<(String, String)>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let (provider, secret) = path.into_inner();
    if !web.receipts_secret.as_ref().is_some_and(|it| it.matches(&secret)) {
        return Err(Error::NotFound);
    }
    let body = input::body_of_at_most(LARGEST_REPORT, payload.into_inner()).await?;
    let report = receipts::parse(&provider, &body).ok_or(Error::Unreadable)?;
    record_receipts(&state, &provider, report.receipts).await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(report.acknowledgement))
}
