//! The ladder against SMS pumping: where too few of the texted codes are ever typed in, sending gets harder,
//! then pauses; and eases by itself.

use std::{iter::zip, net::IpAddr, slice, time::Duration};

use futures_util::future::try_join_all;

use super::{
    codes::subnet_of,
    kv::{Acquire, Completion, CompletionWindow, Decision, Event, Kv, PermitId, RateLimit, Window},
};
use crate::{
    domain::{mobile::Mobile, network::Network},
    errors::Error,
    metrics::Metrics,
};

/// Only so many codes count, the newest (R34).
const NEWEST: u32 = 200;
/// With fewer codes than this nothing is judged: of the whole service, and of a prefix or subnet.
const ENOUGH: [u32; 2] = [50, 20];
/// How long it is known which step was told last: its end is, if anybody is texted by then.
const TOLD: Duration = Duration::from_hours(24);
/// Two steps up are at least this far apart: codes of before the first must not take the second.
const MIN_ESCALATION_GAP: Duration = Duration::from_secs(1);

/// Who asks for codes and types none, and what comes of it.
#[derive(Clone)]
pub struct SmsAbuseGuard {
    kv: Kv,
    rules: SmsAbuseRules,
    metrics: Metrics,
}

/// When the ladder is stepped on.
#[derive(Clone, Copy, Debug)]
pub struct SmsAbuseRules {
    /// Fewer codes than this, of a hundred, that are ever typed in are too few; 0 turns the ladder off.
    pub percent: u32,
    /// How long people have for it before a code counts as not typed in.
    pub patience: Duration,
    /// How long sending stays harder when too little is sent to judge anew.
    pub harder: Duration,
    /// How long it pauses.
    pub pause: Duration,
}

/// What is demanded of whoever wants to be texted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A captcha.
    Normal,
    /// A harder captcha, and whatever other proof there is.
    Harder,
    /// Nobody is texted for a while.
    Paused {
        /// When it ends.
        retry_after: Duration,
    },
}

/// Part of the traffic that is judged for itself: which kind of part, its name, and how many codes are
/// enough.
struct Scope {
    kind: &'static str,
    name: String,
    enough: u32,
}

impl SmsAbuseGuard {
    /// A ladder in a store.
    pub fn new(kv: Kv, rules: SmsAbuseRules, metrics: Metrics) -> Self {
        Self { kv, rules, metrics }
    }

    /// The step in force for a number and whoever asks; without a number, as when a picture is drawn,
    /// for the service and the asker's subnet. The highest of all counts.
    pub async fn level(&self, mobile: Option<&Mobile>, address: IpAddr) -> Result<Level, Error> {
        if self.rules.percent == 0 {
            return Ok(Level::Normal);
        }
        let steps = self.steps(&scopes(mobile, &Network::of(address).subnet())).await?;
        // The service stands first.
        self.metrics.set_sms_abuse_level(steps.first().map_or(0, |it| it.rank()));
        Ok(steps.into_iter().max().unwrap_or(Level::Normal))
    }

    /// The step in force for each part of the traffic.
    async fn steps(&self, scopes: &[Scope]) -> Result<Vec<Level>, Error> {
        let keys: Vec<_> = scopes.iter().map(|it| [self.harder(it), self.paused(it)]).collect();
        let windows: Vec<_> = keys.iter().flatten().map(|(key, it)| (key.as_str(), *it)).collect();
        let waits = self.kv.waits(&windows).await?;
        let step = |pair: &[Duration]| match pair {
            [_, paused] if !paused.is_zero() => Level::Paused { retry_after: *paused },
            [harder, _] if !harder.is_zero() => Level::Harder,
            _ => Level::Normal,
        };
        Ok(waits.chunks(2).map(step).collect())
    }

    async fn level_of(&self, scope: &Scope) -> Result<Level, Error> {
        Ok(self.steps(slice::from_ref(scope)).await?.pop().unwrap_or(Level::Normal))
    }

    /// A code of this name was texted.
    pub async fn record_sent(&self, code: &str, mobile: &Mobile) -> Result<(), Error> {
        self.note(Event::Begun(code.to_owned()), code, mobile).await
    }

    /// A code of this name was typed in.
    pub async fn record_verified(&self, code: &str, mobile: &Mobile) -> Result<(), Error> {
        self.note(Event::Done(code.to_owned()), code, mobile).await
    }

    async fn note(&self, note: Event, code: &str, mobile: &Mobile) -> Result<(), Error> {
        if self.rules.percent == 0 {
            return Ok(());
        }
        let scopes = scopes(Some(mobile), subnet_of(code));
        let tally = |it: &Scope| CompletionWindow {
            key: it.key(),
            note: note.clone(),
            patience: self.rules.patience,
            newest: NEWEST,
        };
        let tallied =
            self.kv.record_completion(&scopes.iter().map(tally).collect::<Vec<_>>()).await?;
        let told = try_join_all(scopes.iter().map(async |it| self.kv.get(&it.told()).await));
        for ((scope, tallied), told) in zip(zip(&scopes, tallied), told.await?) {
            if let Some(told) = told {
                self.tell_end(scope, &told, tallied).await?;
            }
            let Completion { all, done } = tallied;
            let is_low = u64::from(done) * 100 < u64::from(all) * u64::from(self.rules.percent);
            match (&note, is_low) {
                _ if all < scope.enough => {}
                (Event::Begun(_), true) => self.tighten(scope, tallied).await?,
                (Event::Done(_), false) => self.ease(scope, tallied).await?,
                (Event::Begun(_), false) | (Event::Done(_), true) => {}
            }
        }
        Ok(())
    }

    /// One step up. Each is judged by codes that are asked for after it.
    async fn tighten(&self, scope: &Scope, tallied: Completion) -> Result<(), Error> {
        let (harder, window) = self.harder(scope);
        let claim = || [claim(&harder, window)];
        let since = match self.kv.acquire(&claim()).await?.first() {
            Some(Decision::Refused { wait, .. }) => window.span.saturating_sub(*wait),
            Some(Decision::Granted { .. } | Decision::NotFilled) | None => {
                self.kv.remove(&scope.key()).await?;
                return self.stepped(scope, Level::Harder, tallied).await;
            }
        };
        if since < self.rules.patience.max(MIN_ESCALATION_GAP) {
            return Ok(());
        }
        let (paused, window) = self.paused(scope);
        let paused = self.kv.acquire(&[self::claim(&paused, window)]).await?;
        if matches!(paused.first(), Some(Decision::Granted { .. })) {
            // When the pause is over it is as hard as before it.
            self.kv.remove(&harder).await?;
            self.kv.acquire(&claim()).await?;
            self.kv.remove(&scope.key()).await?;
            let step = Level::Paused { retry_after: self.rules.pause };
            self.stepped(scope, step, tallied).await?;
        }
        Ok(())
    }

    /// All the way down, after the pause if there is one.
    async fn ease(&self, scope: &Scope, tallied: Completion) -> Result<(), Error> {
        let step = self.level_of(scope).await?;
        if step == Level::Normal {
            return Ok(());
        }
        self.kv.remove(&self.harder(scope).0).await?;
        if step == Level::Harder {
            self.stepped(scope, Level::Normal, tallied).await
        } else {
            Ok(())
        }
    }

    /// A step was taken, up or down.
    async fn stepped(&self, scope: &Scope, step: Level, tallied: Completion) -> Result<(), Error> {
        self.note_told(scope, step).await?;
        self.tell("pumping_ladder", scope, step, tallied);
        Ok(())
    }

    /// A step may have ended by time since it was told; of all who notice, one tells it.
    async fn tell_end(&self, scope: &Scope, told: &str, tallied: Completion) -> Result<(), Error> {
        let step = self.level_of(scope).await?;
        let is_over = told.parse::<u32>().is_ok_and(|it| step.rank() < it);
        if is_over && self.kv.take(&scope.told()).await?.is_some() {
            self.note_told(scope, step).await?;
            self.tell("pumping_ladder_over", scope, step, tallied);
        }
        Ok(())
    }

    async fn note_told(&self, scope: &Scope, step: Level) -> Result<(), Error> {
        match step {
            Level::Normal => self.kv.remove(&scope.told()).await,
            Level::Harder | Level::Paused { .. } => {
                self.kv.set(&scope.told(), &step.rank().to_string(), TOLD).await
            }
        }
    }

    fn tell(&self, event: &str, scope: &Scope, step: Level, Completion { all, done }: Completion) {
        let (name, step) = (&scope.name, step.as_str());
        self.metrics.sms_abuse_level_changed(scope.kind, step);
        log::warn!("event={event} scope={name} step={step} verified={done} sent={all}");
    }

    /// Where it is noted that it is harder: an event, which passes by itself.
    fn harder(&self, scope: &Scope) -> (String, Window) {
        (format!("{}:harder", scope.key()), Window { span: self.rules.harder, limit: 1 })
    }

    fn paused(&self, scope: &Scope) -> (String, Window) {
        (format!("{}:paused", scope.key()), Window { span: self.rules.pause, limit: 1 })
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

    /// The height of the step that was told last, until its end is.
    fn told(&self) -> String {
        format!("{}:told", self.key())
    }
}

fn scopes(mobile: Option<&Mobile>, subnet: &str) -> Vec<Scope> {
    let [of_service, of_part] = ENOUGH;
    let part = |kind, name: &str| Scope { kind, name: format!("{kind}-{name}"), enough: of_part };
    let service = "service";
    let mut scopes = vec![Scope { kind: service, name: service.to_owned(), enough: of_service }];
    scopes.push(part("subnet", subnet));
    scopes.extend(mobile.map(|it| part("prefix", it.prefix())));
    scopes
}

fn claim(key: &str, window: Window) -> Acquire {
    Acquire { ticket: PermitId::new(), quotas: vec![RateLimit::new(key, [window])] }
}
