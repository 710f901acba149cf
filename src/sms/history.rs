//! What providers themselves allow: which numbers, and how many messages to one of them.

use std::time::Duration;

use crate::domain::{mobile::Mobile, region::Regions, sms_delivery::PastSend};

/// The messages that a number was sent lately, as the ledger knows them.
#[derive(Clone, Debug, Default)]
pub struct History(Vec<PastSend>);

/// A provider's own rules for one number. One that would refuse is not even asked: some count the
/// refused attempt too.
#[derive(Clone, Debug)]
pub struct VendorLimits {
    /// Whose numbers it serves.
    pub regions: Regions,
    /// So many messages to one number within so much time.
    pub per_mobile: Vec<(Duration, u32)>,
}

impl History {
    /// The history of one number.
    pub fn new(sends: Vec<PastSend>) -> Self {
        Self(sends)
    }

    /// How many messages one provider took within a span.
    fn count(&self, provider: &str, span: Duration) -> usize {
        self.0.iter().filter(|it| it.provider == provider && it.age < span).count()
    }
}

impl VendorLimits {
    pub(super) fn serves(&self, mobile: &Mobile) -> bool {
        self.regions.include(mobile)
    }

    pub(super) fn would_accept(&self, history: &History, provider: &str) -> bool {
        self.per_mobile.iter().all(|(span, limit)| {
            u32::try_from(history.count(provider, *span)).is_ok_and(|it| it < *limit)
        })
    }
}
