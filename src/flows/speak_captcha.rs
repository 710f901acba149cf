//! Reads a captcha aloud.

use super::{State, issue_captcha::admit_recording};
use crate::{
    domain::{
        captcha::{CaptchaId, is_harder},
        client::Client,
        proof_of_work::ProofOfWork,
        speech::{Voice, speak},
    },
    errors::Error,
};

/// Returns a captcha that waits for its answer as a WAV file; the captcha stays valid.
///
/// It counts like a picture (R10). Asking again gives the same sound, because the noise is derived from the id and the
/// server's key. Mixing takes half a millisecond, so it is done on the worker.
pub async fn speak_captcha(
    state: &State,
    id: &CaptchaId,
    (voice, proof_of_work): (Voice, Option<ProofOfWork>),
    client: &Client,
) -> Result<Vec<u8>, Error> {
    let answer = state.captchas.get(id).await?;
    let is_harder = answer.as_deref().is_some_and(is_harder);
    admit_recording(state, is_harder, proof_of_work, client).await?;
    let answer = answer.ok_or(Error::NotFound)?;
    // The noise differs between languages, or one recording could be subtracted from the other.
    let seed = state.speech.mac(&[id.as_str(), &answer, voice.as_str()]);
    state.metrics.captcha_spoken();
    Ok(speak(voice, &answer, seed))
}
