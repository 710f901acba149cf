//! What was begun is finished, whoever hangs up; and a panic is an answer, not a cut line.

use std::time::Duration;

use actix_web::{
    Error as ActixError,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    rt,
};
use tokio::time::timeout;

use crate::{errors::Error, journal::carried};

/// For a whole request, its body included (SECURITY R121).
const SLOWEST: Duration = Duration::from_secs(15);

/// Runs the rest in a task of its own, and answers in time even if that goes on.
///
/// A person who closes the page between "code used up" and "account made" would otherwise stop the
/// flow there. A panic ends the task and becomes an internal error (SECURITY R103).
pub async fn finish(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    match timeout(SLOWEST, rt::spawn(carried(next.call(request)))).await {
        Ok(Ok(result)) => result,
        Ok(Err(fallen)) => Err(Error::fallen(&fallen).into()),
        Err(_) => Err(Error::Busy { retry_after: SLOWEST }.into()),
    }
}
