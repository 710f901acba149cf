//! Issues the code of a number: a random one, or the configured one of a test number.

use super::State;
use crate::{
    domain::{
        client::Client, mobile::Mobile, network::Network, purpose::Purpose, requester::Requester,
        sms_code::SmsCode, test_number::TestNumber,
    },
    errors::Error,
    stores::{
        codes::{CodeClient, IssuedCode},
        db::Connection,
        tables::{sms_log, users},
    },
};

/// Issues a code, or returns the one that is still valid.
pub(super) async fn issue_code(
    state: &State,
    mobile: &Mobile,
    purpose: Purpose,
    client: &Client,
    is_known: bool,
) -> Result<IssuedCode, Error> {
    let test_code = test_code(state, mobile).await?;
    let subnet = Network::of(client.address).subnet();
    let asker = CodeClient { requesters: future_requesters(client), is_known };
    state
        .codes
        .of_account(client.user_id())
        .issue(mobile, purpose, (&asker, &subnet), test_code.as_ref())
        .await
}

/// Returns as whom a client may come back that asks for a code. The answer gives an id to a device that has none. A
/// browser keeps it, and a program without cookies is told by its address again.
fn future_requesters(client: &Client) -> Vec<Requester> {
    match client.device {
        Some(_) => vec![client.requester()],
        None => vec![Requester::Device(client.new_device), client.requester()],
    }
}

/// Returns the configured code of a test number. Returns `None` if the number has been in real use (R28): it was texted
/// before, or has an account that was not registered as a test.
pub(super) async fn test_code(state: &State, mobile: &Mobile) -> Result<Option<SmsCode>, Error> {
    let today = state.clock.now().date_naive();
    let is_it = |test: &&TestNumber| test.mobile == *mobile && test.is_active(today);
    let Some(test) = state.test_numbers.iter().find(is_it) else { return Ok(None) };
    let asked = mobile.clone();
    let is_real = async move |connection: &mut Connection| {
        let past = sms_log::past_use(connection, &asked).await?;
        let has_account = users::find_id_by_mobile(connection, &asked).await?.is_some();
        Ok(past.was_texted || has_account && !past.was_tested)
    };
    if state.db.read(is_real).await? {
        log::warn!("event=test_number_refused mobile={mobile:?}");
        return Ok(None);
    }
    log::warn!("event=test_number_used mobile={mobile:?}");
    Ok(Some(test.code.clone()))
}
