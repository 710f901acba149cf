//! The ladder against SMS pumping: where too few of the texted codes are ever typed in, sending gets harder,
//! then pauses; and eases by itself.

use std::{iter::zip, net::IpAddr, time::Duration};

use super::{
    codes::subnet_of,
    kv::{Claim, Kv, Note, Quota, Reservation, Tallied, Tally, Ticket, Window},
};
use crate::{
    domain::{mobile::Mobile, network::Network},
    errors::Error,
    metrics::Metrics,
};

/// Only so many codes count, the newest (SECURITY R34).
const NEWEST: u32 = 200;
/// With fewer codes than this nothing is judged: of the whole service, and of a prefix or subnet.
const ENOUGH: [u32; 2] = [50, 20];
/// How long sending stays harder when too little is sent to judge anew.
const HARDER: Duration = Duration::from_hours(1);
/// How long it pauses.
const PAUSE: Duration = Duration::from_mins(10);
/// Two steps up are at least this far apart: codes of before the first must not take the second.
const LANDING: Duration = Duration::from_secs(1);

/// Who asks for codes and types none, and what comes of it.
#[derive(Clone)]
pub struct Ladder {
    kv: Kv,
    rules: LadderRules,
    metrics: Metrics,
}

/// When the ladder is stepped on.
#[derive(Clone, Copy, Debug)]
pub struct LadderRules {
    /// Fewer codes than this, of a hundred, that are ever typed in are too few; 0 turns the ladder off.
    pub percent: u32,
    /// How long people have for it before a code counts as not typed in.
    pub patience: Duration,
}

/// What is demanded of whoever wants to be texted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
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

impl Ladder {
    /// A ladder in a store.
    pub fn new(kv: Kv, rules: LadderRules, metrics: Metrics) -> Self {
        Self { kv, rules, metrics }
    }

    /// The step in force for a number and whoever asks; without a number, as when a picture is drawn,
    /// for the service and the asker's subnet. The highest of all counts.
    pub async fn step(&self, mobile: Option<&Mobile>, address: IpAddr) -> Result<Step, Error> {
        if self.rules.percent == 0 {
            return Ok(Step::Normal);
        }
        let scopes = scopes(mobile, &Network::of(address).subnet());
        let keys: Vec<_> = scopes.iter().map(|it| [it.harder(), it.paused()]).collect();
        let windows: Vec<_> = keys.iter().flatten().map(|(key, it)| (key.as_str(), *it)).collect();
        let waits = self.kv.waits(&windows).await?;
        let step = |pair: &[Duration]| match pair {
            [_, paused] if !paused.is_zero() => Step::Paused { retry_after: *paused },
            [harder, _] if !harder.is_zero() => Step::Harder,
            _ => Step::Normal,
        };
        let steps: Vec<_> = waits.chunks(2).map(step).collect();
        // The service stands first.
        self.metrics.ladder(steps.first().map_or(0, |it| it.height()));
        Ok(steps.into_iter().max().unwrap_or(Step::Normal))
    }

    /// A code of this name was texted.
    pub async fn note_sent(&self, code: &str, mobile: &Mobile) -> Result<(), Error> {
        self.note(Note::Begun(code.to_owned()), code, mobile).await
    }

    /// A code of this name was typed in.
    pub async fn note_verified(&self, code: &str, mobile: &Mobile) -> Result<(), Error> {
        self.note(Note::Done(code.to_owned()), code, mobile).await
    }

    async fn note(&self, note: Note, code: &str, mobile: &Mobile) -> Result<(), Error> {
        if self.rules.percent == 0 {
            return Ok(());
        }
        let scopes = scopes(Some(mobile), subnet_of(code));
        let tally = |it: &Scope| Tally {
            key: it.key(),
            note: note.clone(),
            patience: self.rules.patience,
            newest: NEWEST,
        };
        let tallied = self.kv.tally(&scopes.iter().map(tally).collect::<Vec<_>>()).await?;
        for (scope, tallied) in zip(&scopes, tallied) {
            let Tallied { all, done } = tallied;
            let is_low = u64::from(done) * 100 < u64::from(all) * u64::from(self.rules.percent);
            match (&note, is_low) {
                _ if all < scope.enough => {}
                (Note::Begun(_), true) => self.tighten(scope, tallied).await?,
                (Note::Done(_), false) => self.ease(scope, tallied).await?,
                (Note::Begun(_), false) | (Note::Done(_), true) => {}
            }
        }
        Ok(())
    }

    /// One step up. Each is judged by codes that are asked for after it.
    async fn tighten(&self, scope: &Scope, tallied: Tallied) -> Result<(), Error> {
        let (harder, window) = scope.harder();
        let claim = || [claim(&harder, window)];
        let since = match self.kv.reserve(&claim()).await?.first() {
            Some(Reservation::Refused { wait, .. }) => window.span.saturating_sub(*wait),
            Some(Reservation::Granted { .. } | Reservation::Unfilled) | None => {
                self.kv.remove(&scope.key()).await?;
                self.tell(scope, "harder", tallied);
                return Ok(());
            }
        };
        if since < self.rules.patience.max(LANDING) {
            return Ok(());
        }
        let (paused, window) = scope.paused();
        let paused = self.kv.reserve(&[self::claim(&paused, window)]).await?;
        if matches!(paused.first(), Some(Reservation::Granted { .. })) {
            // When the pause is over it is as hard as before it.
            self.kv.remove(&harder).await?;
            self.kv.reserve(&claim()).await?;
            self.kv.remove(&scope.key()).await?;
            self.tell(scope, "paused", tallied);
        }
        Ok(())
    }

    /// All the way down.
    async fn ease(&self, scope: &Scope, tallied: Tallied) -> Result<(), Error> {
        let (key, window) = scope.harder();
        let is_harder = self.kv.waits(&[(&key, window)]).await?.iter().any(|it| !it.is_zero());
        if is_harder {
            self.kv.remove(&key).await?;
            self.tell(scope, "normal", tallied);
        }
        Ok(())
    }

    fn tell(&self, scope: &Scope, step: &'static str, Tallied { all, done }: Tallied) {
        self.metrics.ladder_changed(scope.kind, step);
        let name = &scope.name;
        log::warn!("event=pumping_ladder scope={name} step={step} verified={done} sent={all}");
    }
}

impl Step {
    fn height(self) -> u32 {
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

    /// Where it is noted that it is harder: an event, which passes by itself.
    fn harder(&self) -> (String, Window) {
        (format!("{}:harder", self.key()), Window { span: HARDER, limit: 1 })
    }

    fn paused(&self) -> (String, Window) {
        (format!("{}:paused", self.key()), Window { span: PAUSE, limit: 1 })
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

fn claim(key: &str, window: Window) -> Claim {
    Claim { ticket: Ticket::new(), quotas: vec![Quota::new(key, [window])] }
}
