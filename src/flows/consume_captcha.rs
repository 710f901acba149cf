//! Checks the answer to a captcha and uses the captcha up.

use super::{State, limit_subject::subject_of};
use crate::{
    domain::{captcha::SolvedCaptcha, client::Client},
    errors::Error,
    metrics::FunnelStep,
    stores::{
        kv::PermitId,
        rate_limits::{Limit, MAX_QUOTAS},
    },
};

/// Checks the answer and uses the captcha up, whether it is right or wrong. `purpose` labels the metrics.
pub(super) async fn consume_captcha(
    state: &State,
    captcha: &SolvedCaptcha,
    purpose: &'static str,
    client: &Client,
) -> Result<(), Error> {
    let result = state.captchas.consume(&captcha.id, &captcha.answer).await;
    match result {
        Ok(()) => state.metrics.funnel_step(FunnelStep::CaptchaRight, purpose),
        Err(Error::CaptchaWrong | Error::CaptchaGone) => {
            state.metrics.funnel_step(FunnelStep::CaptchaWrong, purpose);
            count_wrong_captcha(state, client).await?;
        }
        // The kv store failed, which says nothing about the answer.
        Err(_) => {}
    }
    result
}

/// Counts a wrong or unknown captcha. They have windows of their own, so that made-up ones take nothing from neighbours
/// who solve theirs: they only raise the price.
async fn count_wrong_captcha(state: &State, client: &Client) -> Result<(), Error> {
    let Some(subject) = subject_of(state, client) else { return Ok(()) };
    let counted = (MAX_QUOTAS, PermitId::new());
    let limit = Limit::WrongCaptchasPerAddress;
    state.rate_limits.acquire_of(limit, &subject, counted).await.map(drop)
}
