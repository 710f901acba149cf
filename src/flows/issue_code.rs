//! Make the code of a number: a random one, or for a test number the one that was chosen.

use super::State;
use crate::{
    domain::{
        client::Client, mobile::Mobile, network::Network, purpose::Purpose, sms_code::SmsCode,
        test_number::TestNumber,
    },
    errors::Error,
    stores::{
        codes::IssuedCode,
        db::Connection,
        tables::{sms_log, users},
    },
};

/// Makes the code, or gives the living one again.
pub(super) async fn issue_code(
    state: &State,
    mobile: &Mobile,
    purpose: Purpose,
    client: &Client,
) -> Result<IssuedCode, Error> {
    let chosen = chosen_code(state, mobile).await?;
    let subnet = Network::of(client.address).subnet();
    state.codes.of_account(client.user_id()).issue(mobile, purpose, &subnet, chosen.as_ref()).await
}

/// The code of a number that is a test number and has never been anything else (R28): one that
/// was texted before, or has an account that came about in another way, is somebody's.
pub(super) async fn chosen_code(state: &State, mobile: &Mobile) -> Result<Option<SmsCode>, Error> {
    let today = state.clock.now().date_naive();
    let is_it = |it: &&TestNumber| it.mobile == *mobile && it.is_in_force(today);
    let Some(test) = state.test_numbers.iter().find(is_it) else { return Ok(None) };
    let asked = mobile.clone();
    let is_real = async move |it: &mut Connection| {
        let past = sms_log::past_use_of(it, &asked).await?;
        let has_account = users::id_of_mobile(it, &asked).await?.is_some();
        Ok(past.was_texted || has_account && !past.was_tested)
    };
    if state.db.read(is_real).await? {
        log::warn!("event=test_number_refused mobile={mobile:?}");
        return Ok(None);
    }
    log::warn!("event=test_number_used mobile={mobile:?}");
    Ok(Some(test.code.clone()))
}
