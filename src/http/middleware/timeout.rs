//! What was begun is finished, whoever hangs up; and a panic is an answer, not a cut line.

use std::{panic::AssertUnwindSafe, task::Poll, time::Duration};

use actix_web::{
    Error as ActixError,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    rt,
};
use futures_util::{FutureExt as _, poll};
use tokio::time::timeout;

use crate::{errors::Error, logging::in_request_scope};

/// For a whole request, its body included (R121).
const SLOWEST: Duration = Duration::from_secs(15);

/// Runs the rest in a task of its own unless it answers at once, and answers in time even if that goes on.
///
/// A person who closes the page between "code used up" and "account made" would otherwise stop the
/// flow there. A panic ends the work and becomes an internal error (R103).
pub async fn run_detached(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    let mut work = AssertUnwindSafe(next.call(request)).catch_unwind();
    let done = match poll!(&mut work) {
        Poll::Ready(done) => done,
        Poll::Pending => match timeout(SLOWEST, rt::spawn(in_request_scope(work))).await {
            Ok(Ok(done)) => done,
            Ok(Err(ended)) => return Err(Error::fallen(&ended).into()),
            Err(_) => return Err(Error::Busy { retry_after: SLOWEST }.into()),
        },
    };
    // What it fell over may quote a secret, so that is not kept.
    done.unwrap_or_else(|_| Err(Error::internal("a request panicked").into()))
}
