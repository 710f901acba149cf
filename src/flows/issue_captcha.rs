//! Draw a captcha and remember its answer.

use std::{sync::Arc, time::Duration};

use tokio::{task, time::timeout};

use super::State;
use crate::{
    domain::{
        captcha::{CaptchaAnswer, CaptchaId, Difficulty},
        client::Client,
    },
    errors::Error,
    journal::carried_to_thread,
    stores::ladder::Step,
};

/// How long a picture waits for a core.
const PATIENCE: Duration = Duration::from_secs(2);

/// Draws a new puzzle under an id of the client's and answers its PNG.
///
/// An older puzzle of the same id is forgotten: the button "another picture" needs no new id. So is the
/// one that it takes the place of, for clients that make a new id each time. While machines are suspected
/// every puzzle is harder.
pub async fn issue_captcha(
    state: &State,
    id: &CaptchaId,
    previous: Option<&CaptchaId>,
    difficulty: Difficulty,
    client: &Client,
) -> Result<Vec<u8>, Error> {
    state.limits.captcha_of_address(client.address).await?;
    let difficulty = match state.ladder.step(None, client.address).await? {
        Step::Normal => difficulty,
        Step::Harder | Step::Paused { .. } => Difficulty::Harder,
    };
    let core = match timeout(PATIENCE, Arc::clone(&state.drawing).acquire_owned()).await {
        Ok(core) => core.map_err(Error::internal)?,
        Err(_) => return Err(Error::Busy { retry_after: PATIENCE }),
    };
    let (answer, picture) = task::spawn_blocking(carried_to_thread(move || {
        let answer = CaptchaAnswer::random(difficulty);
        let picture = answer.draw();
        drop(core);
        (answer, picture)
    }))
    .await
    .map_err(|it| Error::fallen(&it))?;
    let picture = picture.ok_or_else(|| Error::internal("captcha could not be encoded"))?;
    if let Some(previous) = previous {
        state.codes.forget_captcha(previous).await?;
    }
    state.codes.keep_captcha(id, &answer).await?;
    state.metrics.drew_captcha();
    Ok(picture)
}
