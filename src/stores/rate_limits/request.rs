//! A request for a permit under one or several limits, and the permit.

use std::{fmt, iter, time::Duration};

use super::{
    limit::{Limit, LimitRules, times},
    quota::{MAX_QUOTAS, Overuse, Subject},
};
use crate::{
    domain::network::Network,
    errors::Error,
    stores::kv::{Acquire, PermitId, RateLimit, Window},
};

/// A request for one permit, and the limit to which each of its windows belongs.
pub(super) struct PermitRequest {
    pub(super) acquire: Acquire,
    pub(super) limits: Vec<Limit>,
}

impl PermitRequest {
    pub(super) fn new(permit_id: PermitId) -> Self {
        Self { acquire: Acquire { permit_id, limits: Vec::new() }, limits: Vec::new() }
    }

    /// Adds a limit. If the limit before has the same key, they count the same events.
    pub(super) fn under(mut self, limit: Limit, key: String, windows: Vec<Window>) -> Self {
        self.limits.extend(iter::repeat_n(limit, windows.len()));
        match self.acquire.limits.last_mut() {
            Some(last) if last.key == key => last.windows.extend(windows),
            Some(_) | None => self.acquire.limits.push(RateLimit::new(key, windows)),
        }
        self
    }

    /// Adds a limit of addresses: for the address itself, and for its subnet.
    pub(super) fn under_address(
        self,
        limit: Limit,
        network: &Network,
        (of_address, of_subnet): (Vec<Window>, Vec<Window>),
    ) -> Self {
        let of_subnet = of_subnet.into_iter().map(|window| times(window, network.quota_factor()));
        self.under(limit, limit.key_of_address(network), of_address).under(
            limit,
            limit.key_of_subnet(network),
            of_subnet.collect(),
        )
    }

    /// Returns a request under one limit of addresses.
    pub(super) fn for_address(rules: &LimitRules, limit: Limit, network: &Network) -> Self {
        let windows = (rules.windows(limit), rules.windows_of_subnet(limit));
        Self::new(PermitId::new()).under_address(limit, network, windows)
    }

    /// Returns a request under so many quotas of one limit.
    pub(super) fn for_subject(
        rules: &LimitRules,
        limit: Limit,
        subject: &Subject,
        (quotas, permit_id): (u32, PermitId),
    ) -> Self {
        let open = |windows: Vec<Window>| -> Vec<Window> {
            windows.into_iter().map(|window| times(window, quotas)).collect()
        };
        let (request, windows) = (Self::new(permit_id), open(rules.windows(limit)));
        match subject {
            Subject::Network(network) => {
                let of_subnet = open(rules.windows_of_subnet(limit));
                request.under_address(limit, network, (windows, of_subnet))
            }
            Subject::Own(own) => request.under(limit, limit.key_of_own(own), windows),
        }
    }

    /// Returns by how much a request under so many quotas was refused, from the number of events in each window.
    pub(super) fn overuse(&self, quotas: u32, used: &[u32], wait: Duration) -> Option<Overuse> {
        let windows = self.acquire.limits.iter().flat_map(|limit| &limit.windows);
        let used_up =
            iter::zip(windows, used).map(|(window, used)| used / (window.limit / quotas).max(1));
        let (limit, used_up) = (*self.limits.first()?, used_up.max()?);
        Some(Overuse { limit, quotas: used_up.clamp(1, MAX_QUOTAS), wait })
    }

    /// Marks every key as one that the database knows too, so that it must be filled from there.
    pub(super) fn must_be_filled(mut self) -> Self {
        for limit in &mut self.acquire.limits {
            limit.must_be_filled = true;
        }
        self
    }

    /// Keeps the last third of every window for those who have no event in it, if it is known who asks. `key` is the key of
    /// the events of whoever asks.
    pub(super) fn asked_by(mut self, key: Option<&str>) -> Self {
        for limit in &mut self.acquire.limits {
            limit.asker_key = key.map(str::to_owned);
        }
        self
    }

    /// Returns the error for a request that was refused because of this window.
    pub(super) fn error(&self, window: usize, retry_after: Duration) -> Error {
        match self.limits.get(window) {
            Some(limit) => limit.error(retry_after),
            None => Error::internal("an unknown window"),
        }
    }

    pub(super) fn into_permit(self) -> Permit {
        Permit::new(self.acquire, false)
    }
}

/// A permit, which counts in the windows of one or several keys until they expire or it is released.
#[must_use = "a permit that was not used has to be released"]
pub struct Permit {
    pub(super) id: PermitId,
    pub(super) keys: Vec<String>,
    /// Whether it is in the memory that replaces Redis while Redis does not answer.
    pub(super) is_fallback: bool,
}

impl Permit {
    /// Returns the permit of somebody for whom nothing is counted.
    pub(crate) fn none() -> Self {
        Self { id: PermitId::new(), keys: Vec::new(), is_fallback: false }
    }

    pub(super) fn new(acquire: Acquire, is_fallback: bool) -> Self {
        let keys = acquire.permits().map(|(key, _)| key.to_owned()).collect();
        Self { id: acquire.permit_id, keys, is_fallback }
    }

    /// Returns the keys under which the permit counts, each with its identifier.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, &PermitId)> {
        self.keys.iter().map(|key| (key.as_str(), &self.id))
    }
}

/// Hides the keys, which contain numbers, addresses and names (R107).
impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Permit(***)")
    }
}
