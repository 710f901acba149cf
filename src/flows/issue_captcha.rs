//! Draws a captcha and stores its answer.

use futures_util::future::try_join;

use super::{
    State,
    admit::{Paid, Payment, admit_named, pay, unpaid},
};
use crate::{
    domain::{
        captcha::{CaptchaAnswer, CaptchaId, Colors, Difficulty, permit_name},
        client::Client,
        proof_of_work::ProofOfWork,
    },
    errors::Error,
    stores::{
        kv::PermitId,
        rate_limits::{Limit, MAX_QUOTAS, Overuse, Permit, Subject},
        sms_abuse_guard::Level,
    },
};

/// What a client asks for.
#[derive(Debug)]
pub struct CaptchaRequest {
    /// The id of the picture.
    pub id: CaptchaId,
    /// The picture that it replaces, for clients that choose a new id each time.
    pub previous: Option<CaptchaId>,
    /// How hard it is to be at least.
    pub difficulty: Difficulty,
    /// The colours of the page that shows it.
    pub colors: Colors,
    /// What is done for an address that has used its quota up and does not pay by a proof of work.
    pub price: PicturePrice,
}

/// How a picture is paid for by an address that has used its quota up. A harder picture costs nothing: it is the price.
#[derive(Debug)]
pub enum PicturePrice {
    /// By a proof of work.
    ProofOfWork(Option<ProofOfWork>),
    /// By a harder picture, for clients that compute no proofs.
    HarderPicture,
}

/// Draws a new captcha under an id chosen by the client, and returns it as a PNG.
///
/// It replaces an older captcha of the same id, so the button "another picture" needs no new id, and the one under
/// `previous`. While abuse is suspected every captcha is the harder kind. Drawing takes a tenth of a millisecond, so it is
/// done on the worker (R10).
pub async fn issue_captcha(
    state: &State,
    request: CaptchaRequest,
    client: &Client,
) -> Result<Vec<u8>, Error> {
    let CaptchaRequest { id, previous, difficulty, colors, price } = request;
    // The permit is named by the answer, so both are chosen before it is known how hard the picture has to be.
    let (usual, harder) = CaptchaAnswer::random_pair();
    let permit_id = PermitId::named(permit_name(&id, &usual));
    let mut is_harder = difficulty == Difficulty::Harder;
    let pay = async |overuse: Overuse, subject: &Subject| match price {
        PicturePrice::ProofOfWork(proof_of_work) if !is_harder || proof_of_work.is_some() => {
            let payment = Payment { proof_of_work, captcha: None };
            pay(state, overuse, &payment, client).await.map(|()| Paid::Quota)
        }
        PicturePrice::ProofOfWork(_) | PicturePrice::HarderPicture => {
            is_harder = true;
            admit_harder(state, overuse, subject).await
        }
    };
    let counted = admit_named(state, (Limit::CaptchasPerAddress, permit_id), client, pay);
    let level = state.sms_abuse_guard.level(None, client.address);
    let (permit, level): (Permit, Level) = try_join(counted, level).await?;
    drop(permit);
    is_harder |= level != Level::Normal;
    let answer = if is_harder { harder } else { usual };
    let picture = answer.draw(&state.letters, colors)?;
    if let Some(previous) = &previous {
        state.captchas.remove(previous).await?;
    }
    state.captchas.insert(&id, &answer).await?;
    state.metrics.captcha_drawn();
    Ok(picture)
}

/// Admits a recording of a picture, which counts like another picture (R10). That of a harder picture is its own price.
pub(super) async fn admit_recording(
    state: &State,
    is_harder: bool,
    proof_of_work: Option<ProofOfWork>,
    client: &Client,
) -> Result<(), Error> {
    let pay = async |overuse: Overuse, subject: &Subject| {
        if is_harder && proof_of_work.is_none() {
            return admit_harder(state, overuse, subject).await;
        }
        let payment = Payment { proof_of_work, captcha: None };
        pay(state, overuse, &payment, client).await.map(|()| Paid::Quota)
    };
    let named = (Limit::CaptchasPerAddress, PermitId::new());
    admit_named(state, named, client, pay).await.map(drop)
}

/// Admits a harder picture without a proof of work. It costs nothing to ask for one, so it counts apart from those that are
/// paid for: nobody can use these up for others.
async fn admit_harder(state: &State, overuse: Overuse, subject: &Subject) -> Result<Paid, Error> {
    let (limit, counted) = (Limit::HarderCaptchasPerAddress, (MAX_QUOTAS, PermitId::new()));
    let admitted = state.rate_limits.acquire_of(limit, subject, counted).await?;
    match admitted {
        Ok(permit) => Ok(Paid::Elsewhere(permit)),
        // A proof of work still gets one.
        Err(_) => Err(unpaid(state, &overuse)),
    }
}
