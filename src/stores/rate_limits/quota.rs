//! Quotas that are a price before they are a wall: beyond its quota a request pays, and at ten times the quota it is
//! refused.

use std::time::Duration;

use super::limit::Limit;
use crate::{
    domain::network::Network,
    errors::{Error, Price, ProofProblem},
};

/// No price opens more than this many times the quota.
pub const MAX_QUOTAS: u32 = 10;

/// Whose uses of a limit are counted together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Everybody at an address, and everybody in the subnet around it.
    Network(Network),
    /// An account or a known device, wherever it is. The text identifies it among all.
    Own(String),
}

impl Subject {
    /// Returns the keys of the subject's events under a limit. They share a slot of a Redis Cluster.
    pub(super) fn keys(&self, limit: Limit) -> Vec<String> {
        match self {
            Self::Network(network) => {
                vec![limit.key_of_address(network), limit.key_of_subnet(network)]
            }
            Self::Own(own) => vec![limit.key_of_own(own)],
        }
    }
}

/// A quota that is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overuse {
    pub(super) limit: Limit,
    /// How many times the quota is used up, at least once.
    pub(super) quotas: u32,
    /// Time until there is room without a price, or below the wall.
    pub(super) wait: Duration,
}

impl Overuse {
    /// Returns the cost of the proof of work that opens another quota: 2, and twice as much with each further quota.
    /// Fails at the wall.
    pub fn cost(&self) -> Result<u32, Error> {
        if self.is_at_wall() {
            Err(self.limit.error(self.wait))
        } else {
            Ok(1 << self.quotas.min(MAX_QUOTAS - 1))
        }
    }

    /// Returns the error for a request that has not paid: the price, or beyond that the refusal.
    pub fn error(&self, problem: ProofProblem) -> Error {
        match self.cost() {
            Ok(cost) => {
                Error::PriceRequired(Price::proof_of_work(cost, problem).or_wait(self.wait))
            }
            Err(refused) => refused,
        }
    }

    /// Adds to the error of a proof that was refused how long it would take to wait instead.
    pub fn or_wait(&self, refused: Error) -> Error {
        if let Error::PriceRequired(price) = refused {
            Error::PriceRequired(price.or_wait(self.wait))
        } else {
            refused
        }
    }

    /// Returns the error for a request that can pay by a captcha only.
    pub fn captcha_error(&self, price: Price) -> Error {
        match self.cost() {
            Ok(_) => Error::PriceRequired(price.or_wait(self.wait)),
            Err(refused) => refused,
        }
    }

    /// Returns how many quotas are open for a request that has paid.
    pub fn opened(&self) -> u32 {
        (self.quotas + 1).min(MAX_QUOTAS)
    }

    /// Wrong captchas raise the price and build no wall: whoever shares the address with somebody who sends them can still
    /// solve a captcha.
    pub(super) fn is_at_wall(&self) -> bool {
        self.quotas >= MAX_QUOTAS && self.limit != Limit::WrongCaptchasPerAddress
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(quotas: u32) -> Overuse {
        Overuse { limit: Limit::SmsPerAddress, quotas, wait: Duration::from_secs(9) }
    }

    #[test]
    fn the_cost_doubles_with_each_quota_until_the_wall() {
        let costs = (1..10).map(|quotas| after(quotas).cost().unwrap());

        assert_eq!(costs.collect::<Vec<_>>(), [2, 4, 8, 16, 32, 64, 128, 256, 512]);
        assert!(matches!(after(10).cost(), Err(Error::TooOften { .. })));
        assert_eq!((after(1).opened(), after(9).opened()), (2, 10));
        let wrong = Overuse { limit: Limit::WrongCaptchasPerAddress, ..after(10) };
        assert_eq!(wrong.cost().unwrap(), 512);
    }
}
