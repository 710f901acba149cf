//! Tells how long a client has to wait before it may request another code.

use std::time::Duration;

use super::{State, find_owner::find_known_device};
use crate::{
    domain::{client::Client, mobile::Mobile, sms_quota::SmsQuota},
    errors::Error,
};

/// Returns the time until this client may request the next code for a number.
///
/// A device that the account of the number knows waits for its own last message only, and everybody else for the last one
/// of the number.
pub async fn resend_after(
    state: &State,
    mobile: &Mobile,
    client: &Client,
) -> Result<Duration, Error> {
    let known = find_known_device(state, mobile, client).await?;
    let own_quota = known.as_ref().map(SmsQuota::of_device);
    state.rate_limits.resend_after(mobile, own_quota.as_ref()).await
}
