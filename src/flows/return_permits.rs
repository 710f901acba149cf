//! Returns what ended well: pictures that led to a message, and messages whose code was typed in.

use chrono::TimeDelta;

use super::{State, limit_subject::subjects_of};
use crate::{
    domain::{
        captcha::SolvedCaptcha, client::Client, mobile::Mobile, network::Network, purpose::Purpose,
    },
    errors::Error,
    stores::{db::Connection, rate_limits::Subject, tables::sms_log},
};

/// No code lives longer than ten minutes, and a message is recorded a moment before its code is sent.
const LIFE_OF_CODE: TimeDelta = TimeDelta::minutes(11);

/// Returns the permit of a picture whose answer was right, in the background: its address now has the permit of a message
/// in its place.
pub(super) fn return_picture(state: &State, captcha: &SolvedCaptcha, client: &Client) {
    let (background, picture) = (state.clone(), captcha.permit_name());
    let subjects = subjects_of(client);
    state.spawn(async move {
        let released = background.rate_limits.release_captcha(&picture, &subjects).await;
        log_failure(released);
    });
}

/// Returns the permits that the messages with this code took from their addresses and subnets and from the prefix of the
/// number, so that an address is judged by the messages that nobody used. Those of the number and of the budget stay.
pub(super) async fn return_messages(
    state: &State,
    (mobile, purpose): (&Mobile, Purpose),
    client: &Client,
) {
    log_failure(try_return_messages(state, (mobile, purpose), client).await);
}

async fn try_return_messages(
    state: &State,
    (mobile, purpose): (&Mobile, Purpose),
    client: &Client,
) -> Result<(), Error> {
    let (number, since) = (mobile.clone(), state.clock.now() - LIFE_OF_CODE);
    let find = async move |connection: &mut Connection| {
        sms_log::addresses_since(connection, &number, purpose, since).await
    };
    for (message_id, address) in state.db.read(find).await? {
        let of_address = address.map(|address| Subject::Network(Network::of(address)));
        let subjects: Vec<_> = of_address.into_iter().chain(subjects_of(client)).collect();
        state.rate_limits.release_sms(mobile, &message_id, &subjects).await?;
    }
    Ok(())
}

fn log_failure(released: Result<(), Error>) {
    if let Err(error) = released {
        log::warn!("event=permit_not_released error={error:?}");
    }
}
