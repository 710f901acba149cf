//! What was begun is finished, whoever hangs up; and a panic is an answer, not a cut line.

use actix_web::{
    Error as ActixError,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    rt,
};

use crate::errors::Error;

/// Runs the rest in a task of its own.
///
/// A person who closes the page between "code used up" and "account made" would otherwise stop the
/// flow there. A panic ends the task and becomes an internal error (SECURITY R103).
pub async fn finish(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, ActixError> {
    match rt::spawn(next.call(request)).await {
        Ok(result) => result,
        Err(fallen) => Err(Error::internal(fallen).into()),
    }
}
