//! Text a code to a number, once a captcha was solved for that very request.

use std::time::{Duration, Instant};

use futures_util::future::try_join;

use super::{
    State,
    deliver_sms_code::{Addressee, Errand, give_back, take_from_budget},
    issue_code::issue_code,
    prove_work::prove_work,
    sign_in::Captcha,
    spend_captcha::spend_captcha,
};
use crate::{
    domain::{
        client::Client, mobile::Mobile, network::Network, proof_of_work::ProofOfWork,
        purpose::Purpose,
    },
    errors::{Error, Limit},
    sms::Outcome,
    stores::{
        codes::IssuedCode,
        db::Connection,
        kv::Ticket,
        ladder::Step,
        limits::{Place, Spender},
        users,
    },
};

/// When providers that are left alone may be asked again.
const PAUSE: Duration = Duration::from_secs(30);

/// A wish to be texted a code.
#[derive(Clone, Debug)]
pub struct SmsCodeRequest {
    /// Where to.
    pub mobile: Mobile,
    /// What for.
    pub purpose: Purpose,
    /// What was solved for it; `None` only where the operator lets front-ends send without.
    pub captcha: Option<Captcha>,
    /// Demanded at times.
    pub proof_of_work: Option<ProofOfWork>,
}

/// A code that is on its way.
#[derive(Debug)]
pub struct CodeSent {
    /// When the number may be texted again.
    pub resend_after: Duration,
    /// How long the code lives.
    pub expires_in: Duration,
}

/// Sends a code, in the order of DESIGN §5: whatever costs money or tells about accounts comes after
/// the captcha, and every place is taken before the provider is called.
pub async fn send_sms_code(
    state: &State,
    request: &SmsCodeRequest,
    client: &Client,
) -> Result<CodeSent, Error> {
    let counted = state.limits.sms_of_address(client.address, request.captcha.is_some());
    let ((), step) =
        try_join(counted, state.ladder.step(Some(&request.mobile), client.address)).await?;
    prove_work(state, request, step).await?;
    if let Some(captcha) = &request.captcha {
        spend_captcha(state, captcha, request.purpose.as_str()).await?;
    }
    refuse_while_paused(state, request, step)?;
    let message = Ticket::new();
    let spender = match request.purpose {
        Purpose::Register => Spender::Registration,
        Purpose::Login | Purpose::Reset | Purpose::Rebind => Spender::Anybody,
    };
    // Before anybody is looked up (SECURITY R32).
    let of_service = take_from_budget(state, spender, &message).await?;
    let errand = match prepare(state, request, client, &message).await {
        Ok((addressee, of_mobile, issued)) => {
            let (request, client) = (request.clone(), client.clone());
            let places = [of_service, of_mobile];
            Errand { message, request, client, addressee, issued, places }
        }
        Err(error) => {
            give_back(state, &[&of_service]).await;
            return Err(error);
        }
    };
    let (begun, resend) = (Instant::now(), state.limits.rules().resend);
    let sent = CodeSent { resend_after: resend, expires_in: errand.issued.ttl };
    match request.purpose {
        // Answers before the provider is asked, and for a number without an account as for any other:
        // neither words nor time tell whether there is one (SECURITY R61, R64, R66).
        Purpose::Login | Purpose::Reset => {
            let background = state.clone();
            state.go_on(async move { drop(errand.run(&background).await) });
            Ok(sent)
        }
        Purpose::Register | Purpose::Rebind => {
            let outcome = errand.run(state).await?;
            let resend_after = resend.saturating_sub(begun.elapsed());
            told(outcome, CodeSent { resend_after, ..sent })
        }
    }
}

/// What whoever waited for the provider is told.
fn told(outcome: Outcome, sent: CodeSent) -> Result<CodeSent, Error> {
    match outcome {
        Outcome::Sent | Outcome::Unknown | Outcome::Test => Ok(sent),
        Outcome::TooFrequent => {
            Err(Error::TooOften { limit: Limit::Mobile, retry_after: sent.resend_after })
        }
        Outcome::BadNumber => Err(Error::SmsBadNumber),
        Outcome::Refused => Err(Error::SmsRefused),
        Outcome::Paused => Err(Error::SmsPaused { retry_after: PAUSE }),
    }
}

/// While codes are asked for and not typed in, and while every provider is left alone, nobody is texted.
///
/// Whoever registers waits for the provider and hears it from there; sign-in and reset do not, so for
/// them it stands before anybody is looked up (SECURITY R34, R128).
fn refuse_while_paused(
    state: &State,
    SmsCodeRequest { mobile, purpose, .. }: &SmsCodeRequest,
    step: Step,
) -> Result<(), Error> {
    if let Step::Paused { retry_after } = step {
        return Err(Error::SmsPaused { retry_after });
    }
    match (purpose, state.sms.paused_for(mobile)) {
        (Purpose::Login | Purpose::Reset, Some(retry_after)) => {
            Err(Error::SmsPaused { retry_after })
        }
        (_, _) => Ok(()),
    }
}

/// Looks who has the number, takes its place and makes the code; what fails has taken nothing.
async fn prepare(
    state: &State,
    request: &SmsCodeRequest,
    client: &Client,
    message: &Ticket,
) -> Result<(Addressee, Place, IssuedCode), Error> {
    let SmsCodeRequest { mobile, purpose, .. } = request;
    let addressee = judge_number(state, request, client).await?;
    let of_mobile = state.limits.sms_of_mobile(mobile, message).await?;
    let subnet = Network::of(client.address).subnet();
    match issue_code(state, mobile, *purpose, &subnet).await {
        Ok(issued) => Ok((addressee, of_mobile, issued)),
        Err(error) => {
            give_back(state, &[&of_mobile]).await;
            Err(error)
        }
    }
}

/// Who is texted for this purpose; registering and moving to a taken number are refused here, after the
/// captcha, as the product's owner asks.
async fn judge_number(
    state: &State,
    request: &SmsCodeRequest,
    client: &Client,
) -> Result<Addressee, Error> {
    let mobile = request.mobile.clone();
    let find = async move |it: &mut Connection| users::id_of_mobile(it, &mobile).await;
    let owner = state.db.read(find).await?;
    let viewer = client.session.as_ref().map(|it| it.user_id);
    match (request.purpose, owner) {
        (Purpose::Rebind, _) if viewer.is_none() => Err(Error::NotSignedIn),
        (Purpose::Rebind, Some(id)) if viewer == Some(id) => Ok(Addressee::Somebody),
        (Purpose::Register, Some(_)) if !state.reveals_registered => Ok(Addressee::Somebody),
        (Purpose::Register | Purpose::Rebind, Some(_)) => Err(Error::MobileTaken),
        (Purpose::Login, None) => Ok(Addressee::Newcomer),
        (Purpose::Reset, None) => Ok(Addressee::Nobody),
        (_, _) => Ok(Addressee::Somebody),
    }
}
