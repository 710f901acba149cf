//! Draws a captcha and stores its answer.

use futures_util::future::try_join;

use super::State;
use crate::{
    domain::{
        captcha::{CaptchaAnswer, CaptchaId, Difficulty},
        client::Client,
    },
    errors::Error,
    stores::sms_abuse_guard::Level,
};

/// Draws a new captcha under an id chosen by the client, and returns it as a PNG.
///
/// It replaces an older captcha of the same id, so the button "another picture" needs no new id, and the one under
/// `previous`, for clients that choose a new id each time. While abuse is suspected every captcha is the harder kind.
/// Drawing takes a tenth of a millisecond, so it is done on the worker (R10).
pub async fn issue_captcha(
    state: &State,
    id: &CaptchaId,
    previous: Option<&CaptchaId>,
    difficulty: Difficulty,
    client: &Client,
) -> Result<Vec<u8>, Error> {
    let counted = state.rate_limits.captcha_of_address(client.address);
    let ((), level) = try_join(counted, state.sms_abuse_guard.level(None, client.address)).await?;
    let difficulty = match level {
        Level::Normal => difficulty,
        Level::Harder | Level::Strict { .. } | Level::Paused { .. } => Difficulty::Harder,
    };
    let answer = CaptchaAnswer::random(difficulty);
    let picture = answer.draw(&state.letters)?;
    if let Some(previous) = previous {
        state.captchas.remove(previous).await?;
    }
    state.captchas.insert(id, &answer).await?;
    state.metrics.captcha_drawn();
    Ok(picture)
}
