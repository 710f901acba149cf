//! Guards against SMS pumping: where too few of the sent codes are verified, a code costs more, and then fewer are sent to
//! strangers. It returns to normal by itself.
//!
//! A subnet or a prefix is paused for strangers. The whole service is never paused: it sends strangers at most twice as
//! many codes as are being verified. Who is a stranger is decided by the flows.

use std::{iter::zip, net::IpAddr, time::Duration};

use super::{
    code_seed::CodeSeed,
    kv::{Completion, CompletionRule, Event, Kv, LevelChange, OperationEvent, Standing},
};
use crate::{
    domain::{mobile::Mobile, network::Network},
    errors::Error,
    metrics::Metrics,
};

/// The number of codes whose verification is counted, the newest (R34).
const SAMPLE_SIZE: u32 = 200;
/// The number of codes that are stored, because the youngest are not part of the sample.
const STORED_CODES: u32 = 4 * SAMPLE_SIZE;
/// The number of codes that are needed to judge the whole service.
const MIN_CODES_OF_SERVICE: u32 = 50;
/// The number of codes that are needed to judge a prefix or a subnet.
const MIN_CODES_OF_PART: u32 = 20;
/// Minimum time between two rises of a level, so that codes requested before the first cannot cause the second.
const MIN_GAP: Duration = Duration::from_secs(1);
/// While the guard is strict, strangers are sent this many times as many codes as were verified in the last hour, so that
/// the share of verified codes can rise again.
const STRICT_FACTOR: u32 = 2;
/// The number of codes that strangers are sent in an hour even if none is verified, so that a small site that was attacked
/// while nobody else came can still register people.
const MIN_STRICT_CODES_PER_HOUR: u32 = 20;

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
    /// A code is judged when it is this old. One that is not verified by then counts as not verified.
    pub time_to_verify: Duration,
    /// How long [`Level::Harder`] and [`Level::Strict`] last if too few codes are sent to judge again.
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
    /// The same, and the whole service bounds the codes to strangers.
    Strict {
        /// The number of codes that strangers may be sent in an hour.
        codes_per_hour: u32,
    },
    /// The same, and strangers are sent no code, because of their subnet or the number's prefix.
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
    ///
    /// The codes that have become old enough are judged here. Sending a code changes no level, so the next level does not
    /// tell whether a message was sent.
    pub async fn level(&self, mobile: Option<&Mobile>, address: IpAddr) -> Result<Level, Error> {
        if self.rules.min_verified_percent == 0 {
            return Ok(Level::Normal);
        }
        let scopes = scopes_of(mobile, &Network::of(address).subnet());
        let rules: Vec<_> = scopes.iter().map(|scope| self.rule(scope)).collect();
        let standings = self.kv.judge(&rules).await?;
        // The service is the first scope.
        self.metrics.set_sms_abuse_level(standings.first().map_or(0, |standing| standing.level));
        let levels = zip(&scopes, &standings).map(|(scope, standing)| {
            let level = level_of(scope, standing);
            self.announce(scope, level, standing);
            level
        });
        Ok(levels.max().unwrap_or(Level::Normal))
    }

    /// Records that a code was sent.
    pub async fn record_sent(&self, code: &CodeSeed, mobile: &Mobile) -> Result<(), Error> {
        self.record(Event::Started(code.to_text()), code, mobile).await
    }

    /// Records that a code was verified. One that was not recorded as sent is ignored.
    pub async fn record_verified(&self, code: &CodeSeed, mobile: &Mobile) -> Result<(), Error> {
        self.record(Event::Completed(code.to_text()), code, mobile).await
    }

    async fn record(&self, event: Event, code: &CodeSeed, mobile: &Mobile) -> Result<(), Error> {
        if self.rules.min_verified_percent == 0 {
            return Ok(());
        }
        let scopes = scopes_of(Some(mobile), code.subnet());
        let events = scopes.iter().map(|scope| OperationEvent {
            key: scope.key(),
            event: event.clone(),
            capacity: STORED_CODES,
        });
        self.kv.record_operation(&events.collect::<Vec<_>>()).await
    }

    fn rule(&self, scope: &Scope) -> CompletionRule {
        let SmsAbuseRules { time_to_verify, harder_for, paused_for, .. } = self.rules;
        CompletionRule {
            key: scope.key(),
            capacity: STORED_CODES,
            min_age: time_to_verify,
            sample_size: SAMPLE_SIZE,
            min_total: scope.min_codes,
            min_percent: self.rules.min_verified_percent,
            spans: [harder_for, if scope.is_service() { harder_for } else { paused_for }],
            min_gap: time_to_verify.max(MIN_GAP),
        }
    }

    /// Logs a change of a level. Of concurrent requests one is told of it.
    fn announce(&self, scope: &Scope, level: Level, standing: &Standing) {
        let Some(change) = standing.change else { return };
        let event = match change {
            LevelChange::Judged => "pumping_ladder",
            LevelChange::Expired => "pumping_ladder_over",
        };
        let Completion { total, completed } = standing.sample;
        let (name, step) = (&scope.name, level.as_str());
        self.metrics.sms_abuse_level_changed(scope.kind, step);
        log::warn!("event={event} scope={name} step={step} verified={completed} sent={total}");
    }
}

impl Level {
    /// Returns how many codes strangers may be sent in an hour, while that is bounded.
    pub fn codes_per_hour(self) -> Option<u32> {
        match self {
            Self::Strict { codes_per_hour } => Some(codes_per_hour),
            Self::Normal | Self::Harder | Self::Paused { .. } => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Harder => "harder",
            Self::Strict { .. } => "strict",
            Self::Paused { .. } => "paused",
        }
    }
}

impl Scope {
    fn is_service(&self) -> bool {
        self.kind == "service"
    }

    fn key(&self) -> String {
        format!("haoma:ladder:{{{}}}", self.name)
    }
}

fn level_of(scope: &Scope, standing: &Standing) -> Level {
    match standing.level {
        0 => Level::Normal,
        1 => Level::Harder,
        _ if scope.is_service() => {
            let verified = standing.completed_last_hour;
            let codes_per_hour =
                verified.saturating_mul(STRICT_FACTOR).max(MIN_STRICT_CODES_PER_HOUR);
            Level::Strict { codes_per_hour }
        }
        _ => Level::Paused { retry_after: standing.ends_in },
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
