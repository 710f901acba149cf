//! Guards against SMS pumping: where too few of the sent codes are verified, sending gets harder and is then paused. It
//! returns to normal by itself.

use std::{iter::zip, net::IpAddr, slice, time::Duration};

use futures_util::future::try_join_all;

use super::{
    code_seed::CodeSeed,
    kv::{Completion, CompletionWindow, Event, Kv, OncePer, Window},
};
use crate::{
    domain::{mobile::Mobile, network::Network},
    errors::Error,
    metrics::Metrics,
};

/// The number of codes whose verification is counted, the newest (R34).
const SAMPLE_SIZE: u32 = 200;
/// The number of codes that are needed to judge the whole service.
const MIN_CODES_OF_SERVICE: u32 = 50;
/// The number of codes that are needed to judge a prefix or a subnet.
const MIN_CODES_OF_PART: u32 = 20;
/// TTL of the last announced level. If another code is sent before it expires, the end of the level is logged.
const LAST_ANNOUNCED_TTL: Duration = Duration::from_hours(24);
/// Minimum time between two escalations, so that codes sent before the first cannot trigger the second.
const MIN_ESCALATION_GAP: Duration = Duration::from_secs(1);

/// Counts how many of the sent codes are verified, and decides what is required of the next request.
#[derive(Clone)]
pub struct SmsAbuseGuard {
    kv: Kv,
    rules: SmsAbuseRules,
    metrics: Metrics,
}

/// When the guard changes its level.
#[derive(Clone, Copy, Debug)]
pub struct SmsAbuseRules {
    /// Below this percentage of verified codes the level rises. Zero turns the guard off.
    pub min_verified_percent: u32,
    /// A code that is not verified within this time counts as not verified.
    pub time_to_verify: Duration,
    /// How long [`Level::Harder`] lasts if too few codes are sent to judge again.
    pub harder_for: Duration,
    /// How long [`Level::Paused`] lasts.
    pub paused_for: Duration,
}

/// The requirements for a request for an SMS code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A captcha.
    Normal,
    /// A harder captcha and, depending on the settings, a proof of work.
    Harder,
    /// No code is sent.
    Paused {
        /// Time until the pause ends.
        retry_after: Duration,
    },
}

/// A part of the traffic that has a level of its own.
struct Scope {
    /// `service`, `subnet` or `prefix`.
    kind: &'static str,
    /// The kind, with the subnet or the prefix.
    name: String,
    /// The number of codes that are needed to judge it.
    min_codes: u32,
}

impl SmsAbuseGuard {
    /// Returns a guard that counts in a kv store.
    pub fn new(kv: Kv, rules: SmsAbuseRules, metrics: Metrics) -> Self {
        Self { kv, rules, metrics }
    }

    /// Returns the highest level of all scopes of a request: the service, the client's subnet, and the number's prefix. A
    /// request for a captcha has no number yet.
    pub async fn level(&self, mobile: Option<&Mobile>, address: IpAddr) -> Result<Level, Error> {
        if self.rules.min_verified_percent == 0 {
            return Ok(Level::Normal);
        }
        let levels = self.levels(&scopes_of(mobile, &Network::of(address).subnet())).await?;
        // The service is the first scope.
        self.metrics.set_sms_abuse_level(levels.first().map_or(0, |level| level.rank()));
        Ok(levels.into_iter().max().unwrap_or(Level::Normal))
    }

    /// Returns the level of each scope.
    async fn levels(&self, scopes: &[Scope]) -> Result<Vec<Level>, Error> {
        let keys: Vec<_> = scopes
            .iter()
            .map(|scope| [self.harder_window(scope), self.paused_window(scope)])
            .collect();
        let windows: Vec<_> =
            keys.iter().flatten().map(|(key, window)| (key.as_str(), *window)).collect();
        let waits = self.kv.waits(&windows).await?;
        let level = |pair: &[Duration]| match pair {
            [_, paused] if !paused.is_zero() => Level::Paused { retry_after: *paused },
            [harder, _] if !harder.is_zero() => Level::Harder,
            _ => Level::Normal,
        };
        Ok(waits.chunks(2).map(level).collect())
    }

    async fn level_of(&self, scope: &Scope) -> Result<Level, Error> {
        Ok(self.levels(slice::from_ref(scope)).await?.pop().unwrap_or(Level::Normal))
    }

    /// Records that a code was sent.
    pub async fn record_sent(&self, code: &CodeSeed, mobile: &Mobile) -> Result<(), Error> {
        self.record(Event::Started(code.to_text()), code, mobile).await
    }

    /// Records that a code was verified.
    pub async fn record_verified(&self, code: &CodeSeed, mobile: &Mobile) -> Result<(), Error> {
        self.record(Event::Completed(code.to_text()), code, mobile).await
    }

    async fn record(&self, event: Event, code: &CodeSeed, mobile: &Mobile) -> Result<(), Error> {
        if self.rules.min_verified_percent == 0 {
            return Ok(());
        }
        let scopes = scopes_of(Some(mobile), code.subnet());
        let window = |scope: &Scope| CompletionWindow {
            key: scope.key(),
            event: event.clone(),
            min_age: self.rules.time_to_verify,
            sample_size: SAMPLE_SIZE,
        };
        let windows: Vec<_> = scopes.iter().map(window).collect();
        let completions = self.kv.record_completion(&windows).await?;
        let announced =
            scopes.iter().map(async |scope| self.kv.get(&scope.last_announced_key()).await);
        let announced = try_join_all(announced).await?;
        for ((scope, completion), announced) in zip(zip(&scopes, completions), announced) {
            if let Some(announced) = announced {
                self.announce_expiry(scope, &announced, completion).await?;
            }
            let Completion { total, completed } = completion;
            let min_percent = u64::from(self.rules.min_verified_percent);
            let is_low = u64::from(completed) * 100 < u64::from(total) * min_percent;
            match (&event, is_low) {
                _ if total < scope.min_codes => {}
                (Event::Started(_), true) => self.escalate(scope, completion).await?,
                (Event::Completed(_), false) => self.deescalate(scope, completion).await?,
                (Event::Started(_), false) | (Event::Completed(_), true) => {}
            }
        }
        Ok(())
    }

    /// Raises the level by one. Each level is judged by codes that were requested after it began.
    async fn escalate(&self, scope: &Scope, completion: Completion) -> Result<(), Error> {
        let (harder, window) = self.harder_window(scope);
        let since = match self.kv.once_per(&harder, window.span).await? {
            OncePer::First(_) => {
                self.kv.remove(&scope.key()).await?;
                return self.announce(scope, Level::Harder, completion).await;
            }
            OncePer::Repeated { wait } => window.span.saturating_sub(wait),
        };
        if since < self.rules.time_to_verify.max(MIN_ESCALATION_GAP) {
            return Ok(());
        }
        let (paused, window) = self.paused_window(scope);
        if self.kv.once_per(&paused, window.span).await?.is_first() {
            // Restart the harder level, so that it follows the pause.
            self.kv.remove(&harder).await?;
            self.kv.once_per(&harder, self.rules.harder_for).await?;
            self.kv.remove(&scope.key()).await?;
            let level = Level::Paused { retry_after: self.rules.paused_for };
            self.announce(scope, level, completion).await?;
        }
        Ok(())
    }

    /// Lowers the level to normal. A pause lasts to its end.
    async fn deescalate(&self, scope: &Scope, completion: Completion) -> Result<(), Error> {
        let level = self.level_of(scope).await?;
        if level == Level::Normal {
            return Ok(());
        }
        self.kv.remove(&self.harder_window(scope).0).await?;
        if level == Level::Harder {
            self.announce(scope, Level::Normal, completion).await
        } else {
            Ok(())
        }
    }

    /// Logs that the level was raised or lowered.
    async fn announce(
        &self,
        scope: &Scope,
        level: Level,
        completion: Completion,
    ) -> Result<(), Error> {
        self.set_last_announced(scope, level).await?;
        self.log_change("pumping_ladder", scope, level, completion);
        Ok(())
    }

    /// Logs that the last announced level has expired. Of concurrent calls, one logs it.
    async fn announce_expiry(
        &self,
        scope: &Scope,
        announced: &str,
        completion: Completion,
    ) -> Result<(), Error> {
        let level = self.level_of(scope).await?;
        let is_over = announced.parse::<u32>().is_ok_and(|announced| level.rank() < announced);
        if is_over && self.kv.take(&scope.last_announced_key()).await?.is_some() {
            self.set_last_announced(scope, level).await?;
            self.log_change("pumping_ladder_over", scope, level, completion);
        }
        Ok(())
    }

    async fn set_last_announced(&self, scope: &Scope, level: Level) -> Result<(), Error> {
        let key = scope.last_announced_key();
        match level {
            Level::Normal => self.kv.remove(&key).await,
            Level::Harder | Level::Paused { .. } => {
                self.kv.set(&key, &level.rank().to_string(), LAST_ANNOUNCED_TTL).await
            }
        }
    }

    fn log_change(&self, event: &str, scope: &Scope, level: Level, completion: Completion) {
        let Completion { total, completed } = completion;
        let (name, step) = (&scope.name, level.as_str());
        self.metrics.sms_abuse_level_changed(scope.kind, step);
        log::warn!("event={event} scope={name} step={step} verified={completed} sent={total}");
    }

    /// Returns key and window of the event that makes the level [`Level::Harder`] while it is in the window.
    fn harder_window(&self, scope: &Scope) -> (String, Window) {
        (format!("{}:harder", scope.key()), Window { span: self.rules.harder_for, limit: 1 })
    }

    /// Returns key and window of the event that makes the level [`Level::Paused`] while it is in the window.
    fn paused_window(&self, scope: &Scope) -> (String, Window) {
        (format!("{}:paused", scope.key()), Window { span: self.rules.paused_for, limit: 1 })
    }
}

impl Level {
    fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Harder => "harder",
            Self::Paused { .. } => "paused",
        }
    }

    fn rank(self) -> u32 {
        match self {
            Self::Normal => 0,
            Self::Harder => 1,
            Self::Paused { .. } => 2,
        }
    }
}

impl Scope {
    fn key(&self) -> String {
        format!("haoma:ladder:{{{}}}", self.name)
    }

    /// Returns the key of the rank of the last announced level.
    fn last_announced_key(&self) -> String {
        format!("{}:told", self.key())
    }
}

/// Returns the scopes of a request, of which the service is the first.
fn scopes_of(mobile: Option<&Mobile>, subnet: &str) -> Vec<Scope> {
    let part = |kind, name: &str| Scope {
        kind,
        name: format!("{kind}-{name}"),
        min_codes: MIN_CODES_OF_PART,
    };
    let (kind, name) = ("service", "service".to_owned());
    let mut scopes = vec![Scope { kind, name, min_codes: MIN_CODES_OF_SERVICE }];
    scopes.push(part("subnet", subnet));
    scopes.extend(mobile.map(|mobile| part("prefix", mobile.prefix())));
    scopes
}
