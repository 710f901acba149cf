//! The limits of the providers themselves: the numbers they serve, and the messages per number.

use std::time::Duration;

use crate::domain::{mobile::Mobile, region::Regions, sms_delivery::PastSend};

/// The recent messages to a number, from the SMS log.
#[derive(Clone, Debug, Default)]
pub struct History(Vec<PastSend>);

/// A provider's own limits. A provider that would refuse is not asked, since some count the refused attempt too.
#[derive(Clone, Debug)]
pub struct VendorLimits {
    /// The regions whose numbers it serves.
    pub regions: Regions,
    /// Maximum number of messages to one number per time span.
    pub per_mobile: Vec<(Duration, u32)>,
}

impl History {
    /// Makes the history of one number.
    pub fn new(sends: Vec<PastSend>) -> Self {
        Self(sends)
    }

    /// Returns the number of messages that a provider took within a time span.
    fn count(&self, provider: &str, span: Duration) -> usize {
        self.0.iter().filter(|send| send.provider == provider && send.age < span).count()
    }
}

impl VendorLimits {
    pub(super) fn serves(&self, mobile: &Mobile) -> bool {
        self.regions.include(mobile)
    }

    pub(super) fn would_accept(&self, history: &History, provider: &str) -> bool {
        self.per_mobile.iter().all(|(span, limit)| {
            u32::try_from(history.count(provider, *span)).is_ok_and(|count| count < *limit)
        })
    }
}
