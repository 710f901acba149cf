//! Say a captcha aloud, for whoever cannot see it.

use super::State;
use crate::{
    domain::{
        captcha::CaptchaId,
        client::Client,
        speech::{Voice, speak},
    },
    errors::Error,
};

/// The puzzle of an id as a WAV file, as long as it waits for its answer; it stays the same puzzle.
///
/// Counts like a picture (R10). Whoever asks again hears the very same: what chance adds is made of
/// the id and the server's key. Mixing takes half a millisecond, so it is done here and now.
pub async fn speak_captcha(
    state: &State,
    id: &CaptchaId,
    voice: Voice,
    client: &Client,
) -> Result<Vec<u8>, Error> {
    state.rate_limits.captcha_of_address(client.address).await?;
    let answer = state.codes.peek_captcha(id).await?.ok_or(Error::NotFound)?;
    // Not the same noise under two languages, or one could be subtracted from the other.
    let seed = state.speech.mac(&[id.as_str(), &answer, voice.as_str()]);
    state.metrics.captcha_spoken();
    Ok(speak(voice, &answer, seed))
}
