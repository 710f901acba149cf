//! Checks the answer to a captcha and uses the captcha up.

use super::State;
use crate::{domain::captcha::SolvedCaptcha, errors::Error, metrics::FunnelStep};

/// Checks the answer and uses the captcha up, whether it is right or wrong. `purpose` labels the metrics.
pub(super) async fn consume_captcha(
    state: &State,
    captcha: &SolvedCaptcha,
    purpose: &'static str,
) -> Result<(), Error> {
    let result = state.captchas.consume(&captcha.id, &captcha.answer).await;
    match result {
        Ok(()) => state.metrics.funnel_step(FunnelStep::CaptchaRight, purpose),
        Err(Error::CaptchaWrong | Error::CaptchaGone) => {
            state.metrics.funnel_step(FunnelStep::CaptchaWrong, purpose);
        }
        // The kv store failed, which says nothing about the answer.
        Err(_) => {}
    }
    result
}
