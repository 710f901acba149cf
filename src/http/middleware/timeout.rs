//! Handles a request to its end even if the client hangs up, limits the time until the answer, and catches panics.

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

/// The longest time until a request is answered, its body included (R121).
const TIMEOUT: Duration = Duration::from_secs(15);

/// Handles the request in a task of its own unless it is answered at once. After the timeout the client gets an error, and
/// the task goes on.
///
/// Without it a person who closes the page between "code consumed" and "account created" would stop the flow there. A
/// panic becomes an internal error (R103).
pub async fn run_detached(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    let mut work = AssertUnwindSafe(next.call(request)).catch_unwind();
    let done = match poll!(&mut work) {
        Poll::Ready(done) => done,
        Poll::Pending => match timeout(TIMEOUT, rt::spawn(in_request_scope(work))).await {
            Ok(Ok(done)) => done,
            Ok(Err(ended)) => return Err(Error::task_failed(&ended).into()),
            Err(_) => return Err(Error::Busy { retry_after: TIMEOUT }.into()),
        },
    };
    // The message of the panic may contain a secret, so it is dropped.
    done.unwrap_or_else(|_| Err(Error::internal("a request panicked").into()))
}
