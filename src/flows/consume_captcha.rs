//! Use up the proof that somebody can read a picture.

use super::State;
use crate::{domain::captcha::SolvedCaptcha, errors::Error, metrics::Stage};

/// Uses a captcha up, right or wrong; it was solved for this.
pub(super) async fn consume_captcha(
    state: &State,
    captcha: &SolvedCaptcha,
    purpose: &'static str,
) -> Result<(), Error> {
    let spent = state.codes.consume_captcha(&captcha.id, &captcha.answer).await;
    match spent {
        Ok(()) => state.metrics.funnel_step(FunnelStep::CaptchaRight, purpose),
        Err(Error::CaptchaWrong | Error::CaptchaGone) => {
            state.metrics.funnel_step(FunnelStep::CaptchaWrong, purpose);
        }
        // The store's, which is no stage of theirs.
        Err(_) => {}
    }
    spent
}
