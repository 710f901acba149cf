//! Messages to a number: which of its quotas a message counts against.
//!
//! The quota of the number is for everybody. A device that the account of the number knows has a quota of its own, with a
//! wait of its own between two messages, and comes to that of the number only when its own is used up. So strangers can
//! neither use it up nor make the device wait. The reserve is open when the quota of the number is used up, for a price.

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::try_join_all;

use super::{
    RateLimiter,
    limit::Limit,
    request::{Permit, PermitRequest},
};
use crate::{
    domain::{mobile::Mobile, sms_quota::SmsQuota},
    errors::{Error, LimitMessage},
    stores::kv::{PermitId, RateLimit, Window},
};

/// A message that counts against a quota of its number.
#[derive(Clone, Debug)]
pub struct QuotaUse {
    /// The id of the message, by which it is counted.
    pub message_id: String,
    /// The quota.
    pub quota: SmsQuota,
    /// Time since the message.
    pub age: Duration,
}

#[expect(clippy::multiple_inherent_impl, reason = "the file has the limits of one subject")]
impl RateLimiter {
    /// Acquires a permit for an SMS message to a number, and returns the quota that the message counts against. Of
    /// concurrent requests one gets it. `own` is the quota of the device, if the account of the number knows it.
    pub async fn sms_of_mobile(
        &self,
        mobile: &Mobile,
        message_id: &PermitId,
        own: Option<&SmsQuota>,
    ) -> Result<(Permit, SmsQuota), Error> {
        if let Some(own) = own {
            match self.acquire(self.sms_request(mobile, message_id, own, None)).await {
                Ok(permit) => return Ok((permit, own.clone())),
                Err(Error::TooOften { limit: LimitMessage::Mobile, .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let quota = SmsQuota::Number;
        let request = self.sms_request(mobile, message_id, &quota, own);
        Ok((self.acquire(request).await?, quota))
    }

    /// Acquires a permit from the reserve of a number, which has been paid for.
    pub async fn sms_of_reserve(
        &self,
        mobile: &Mobile,
        message_id: &PermitId,
        own: Option<&SmsQuota>,
    ) -> Result<(Permit, SmsQuota), Error> {
        let quota = SmsQuota::Reserve;
        let request = self.sms_request(mobile, message_id, &quota, own);
        Ok((self.acquire(request).await?, quota))
    }

    /// Releases the permit of a message that has not reached its number, according to the carrier.
    pub async fn release_sms_of_mobile(
        &self,
        mobile: &Mobile,
        quota: &SmsQuota,
        message_id: &str,
    ) -> Result<(), Error> {
        let request = self.sms_request(mobile, &PermitId::named(message_id), quota, None);
        self.release(&[&request.into_permit()]).await
    }

    /// Returns the time until a client may request the next SMS code for a number. Every countdown shows this time.
    pub async fn resend_after(
        &self,
        mobile: &Mobile,
        own_quota: Option<&SmsQuota>,
    ) -> Result<Duration, Error> {
        let key = match own_quota {
            Some(own) => wait_key(mobile, own),
            None => Limit::SmsResend.key_of_mobile(mobile),
        };
        let windows = self.rules.windows(Limit::SmsResend);
        let windows: Vec<_> = windows.iter().map(|window| (key.as_str(), *window)).collect();
        Ok(self.kv.waits(&windows).await?.into_iter().max().unwrap_or_default())
    }

    /// Returns the time between two SMS codes for a number.
    pub fn resend_interval(&self) -> Duration {
        let windows = self.rules.windows(Limit::SmsResend);
        windows.iter().map(|window| window.span).max().unwrap_or_default()
    }

    /// Returns the time until the reserve of a number has room; zero if it has room now.
    pub async fn wait_for_sms_reserve(&self, mobile: &Mobile) -> Result<Duration, Error> {
        let key = Limit::SmsReserve.key_of_mobile(mobile);
        let windows = self.rules.windows(Limit::SmsReserve);
        let windows: Vec<_> = windows.iter().map(|window| (key.as_str(), *window)).collect();
        Ok(self.kv.waits(&windows).await?.into_iter().max().unwrap_or_default())
    }

    /// Adds what the SMS log knows of a number, after the kv store has lost it. What it has already stays as it is.
    ///
    /// The wait between two messages is left out: it is over before anybody notices that it was lost.
    pub async fn fill_sms_of_mobile(
        &self,
        mobile: &Mobile,
        uses: &[QuotaUse],
    ) -> Result<(), Error> {
        let mut by_key: BTreeMap<String, (Limit, Vec<_>)> = BTreeMap::new();
        for QuotaUse { message_id, quota, age } in uses {
            for (limit, key) in counting_keys(mobile, quota) {
                let (_, past) = by_key.entry(key).or_insert_with(|| (limit, Vec::new()));
                past.push((PermitId::named(message_id), *age));
            }
        }
        let fill = async |(key, (limit, past)): (String, (Limit, Vec<_>))| {
            self.kv.fill(&RateLimit::new(key, self.rules.windows(limit)), &past).await
        };
        try_join_all(by_key.into_iter().map(fill)).await.map(drop)
    }

    /// Returns the windows of a quota, for the SMS log, which checks them again.
    pub fn windows_of_quota(&self, quota: &SmsQuota) -> Vec<(Window, Limit)> {
        let limits = match quota {
            SmsQuota::Number => [Limit::SmsResend, Limit::SmsPerMobile],
            SmsQuota::Device(_) => [Limit::SmsResend, Limit::SmsPerDevice],
            SmsQuota::Reserve => [Limit::SmsResend, Limit::SmsReserve],
        };
        let of_limit =
            |limit| self.rules.windows(limit).into_iter().map(move |window| (window, limit));
        limits.into_iter().flat_map(of_limit).collect()
    }

    /// Returns the request for a message under one quota. `own` is that of the device, for its wait between two messages.
    fn sms_request(
        &self,
        mobile: &Mobile,
        message_id: &PermitId,
        quota: &SmsQuota,
        own: Option<&SmsQuota>,
    ) -> PermitRequest {
        use Limit::{SmsPerDevice, SmsPerMobile, SmsPerPrefix, SmsResend, SmsReserve};
        let windows = |limit| self.rules.windows(limit);
        let new = PermitRequest::new(message_id.clone());
        if let SmsQuota::Device(_) = quota {
            return new.under(SmsResend, wait_key(mobile, quota), windows(SmsResend)).under(
                SmsPerDevice,
                device_key(mobile, quota),
                windows(SmsPerDevice),
            );
        }
        let new = match own {
            Some(own) => new.under(SmsResend, wait_key(mobile, own), windows(SmsResend)),
            None => new,
        };
        // A message of the reserve is counted for the number and the prefix as well, but they do not refuse it.
        let counted = |limit| {
            let windows = windows(limit).into_iter();
            match quota {
                SmsQuota::Reserve => {
                    windows.map(|window| Window { limit: u32::MAX, ..window }).collect()
                }
                SmsQuota::Number | SmsQuota::Device(_) => windows.collect(),
            }
        };
        let request = new
            .under(SmsResend, SmsResend.key_of_mobile(mobile), windows(SmsResend))
            .under(SmsPerMobile, SmsPerMobile.key_of_mobile(mobile), counted(SmsPerMobile))
            .under(SmsPerPrefix, SmsPerPrefix.key_of_prefix(mobile), counted(SmsPerPrefix));
        match quota {
            SmsQuota::Reserve => {
                request.under(SmsReserve, SmsReserve.key_of_mobile(mobile), windows(SmsReserve))
            }
            SmsQuota::Number | SmsQuota::Device(_) => request,
        }
    }
}

/// Returns the keys, each with its limit, under which a message of a quota counts for a day.
fn counting_keys(mobile: &Mobile, quota: &SmsQuota) -> Vec<(Limit, String)> {
    let of_mobile = |limit: Limit| (limit, limit.key_of_mobile(mobile));
    match quota {
        SmsQuota::Number => vec![of_mobile(Limit::SmsPerMobile)],
        SmsQuota::Reserve => vec![of_mobile(Limit::SmsPerMobile), of_mobile(Limit::SmsReserve)],
        SmsQuota::Device(_) => vec![(Limit::SmsPerDevice, device_key(mobile, quota))],
    }
}

/// Returns the key of the messages that a known device has requested for a number.
fn device_key(mobile: &Mobile, own: &SmsQuota) -> String {
    format!("{}:{}", Limit::SmsPerDevice.key_of_mobile(mobile), own.to_text())
}

/// Returns the key of the device's last message to a number. It is a key of its own, because it expires within minutes.
fn wait_key(mobile: &Mobile, own: &SmsQuota) -> String {
    format!("{}:wait", device_key(mobile, own))
}
