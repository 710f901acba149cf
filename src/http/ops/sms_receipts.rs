//! `/webhooks/sms/{provider}/{secret}`: SMS vendors report here whether messages were delivered.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Payload},
};

use crate::{
    errors::Error,
    flows::{State, record_receipts::record_receipts},
    http::{request::body, state::WebState},
    sms::receipts::{self, ReportRequest},
};

/// The largest report in bytes. Vendors send up to a hundred receipts at once, of some 300 bytes each.
const MAX_REPORT_BYTES: usize = 256 * 1024;

/// `POST /webhooks/sms/{provider}/{secret}`. Not all vendors sign their reports, so the URL contains a secret. With a
/// wrong one, and without the signature of a vendor that signs, the answer is 404.
pub async fn post(
    state: Data<State>,
    web: Data<WebState>,
    request: HttpRequest,
    path: Path<(String, String)>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    let (provider, secret) = path.into_inner();
    let own = web.receipts.as_ref().filter(|own| own.secret.matches(&secret));
    let own = own.ok_or(Error::NotFound)?;
    let body = body::read_at_most(MAX_REPORT_BYTES, payload.into_inner()).await?;
    let header = |name: &str| Some(request.headers().get(name)?.to_str().ok()?.to_owned());
    if !own.is_genuine(&provider, &ReportRequest { header: &header, body: &body }) {
        log::warn!("event=sms_receipt_refused provider={provider:?}");
        return Err(Error::NotFound);
    }
    let report = receipts::parse(&provider, &body).ok_or(Error::Unreadable)?;
    record_receipts(&state, &provider, report.receipts).await?;
    let mut response = HttpResponse::Ok();
    if report.acknowledgement.is_empty() {
        return Ok(response.finish());
    }
    Ok(response.content_type("application/json").body(report.acknowledgement))
}
