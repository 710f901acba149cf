//! The newest operations of one key, from the oldest to the newest, and the level that the key has because of them.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::stores::kv::{
    Completion, CompletionRule, Event, LevelChange, OperationEvent, Standing,
    completion_rate::{HOUR, TTL},
};

#[derive(Default)]
pub(super) struct Completions {
    operations: VecDeque<Operation>,
    /// Until when the levels 1 and 2 last.
    until: [Option<Instant>; 2],
    risen_at: Option<Instant>,
    /// The level that was told last.
    announced: u32,
}

struct Operation {
    started_at: Instant,
    name: String,
    is_completed: bool,
}

impl Completions {
    pub(super) fn record(
        &mut self,
        OperationEvent { event, capacity, .. }: &OperationEvent,
        now: Instant,
    ) {
        let (Event::Started(name) | Event::Completed(name)) = event;
        let operations = &mut self.operations;
        let known = operations.iter_mut().rev().find(|operation| operation.name == *name);
        match (event, known) {
            (Event::Started(_), None) => operations.push_back(Operation {
                started_at: now,
                name: name.clone(),
                is_completed: false,
            }),
            (Event::Completed(_), Some(operation)) => operation.is_completed = true,
            (Event::Started(_), Some(_)) | (Event::Completed(_), None) => {}
        }
        while operations.len() > size(*capacity) {
            operations.pop_front();
        }
    }

    /// Judges the operations. The level may change.
    pub(super) fn judge(&mut self, rule: &CompletionRule, now: Instant) -> Standing {
        let (before, sample) = (self.level(now), self.sample(rule, now));
        let [first_span, second_span] = rule.spans;
        let mut is_judged = false;
        if sample.total >= rule.min_total {
            if sample.reaches(rule.min_percent) {
                is_judged = before > 0;
                self.until = [None, None];
            } else if before == 0 {
                is_judged = true;
                (self.until, self.risen_at) = ([Some(now + first_span), None], Some(now));
            } else if self.risen_at.is_none_or(|at| now.duration_since(at) >= rule.min_gap) {
                is_judged = true;
                let second = now + second_span;
                (self.until, self.risen_at) =
                    ([Some(second + first_span), Some(second)], Some(now));
            }
        }
        let level = self.level(now);
        let cause = if is_judged { LevelChange::Judged } else { LevelChange::Expired };
        let change = (level != self.announced).then_some(cause);
        self.announced = level;
        Standing {
            level,
            ends_in: self.ends_at(level).map_or(Duration::ZERO, |at| at - now),
            change,
            sample,
            completed_last_hour: if level == 2 { self.completed_last_hour(rule, now) } else { 0 },
        }
    }

    /// Returns when the last level ends, if there is one.
    pub(super) fn ends_last(&self) -> Option<Instant> {
        self.until.into_iter().flatten().max()
    }

    fn level(&self, now: Instant) -> u32 {
        let lasts = |at: Option<Instant>| at.is_some_and(|at| now < at);
        match self.until.map(lasts) {
            [_, true] => 2,
            [true, false] => 1,
            [false, false] => 0,
        }
    }

    fn ends_at(&self, level: u32) -> Option<Instant> {
        let [first, second] = self.until;
        match level {
            0 => None,
            1 => first,
            _ => second,
        }
    }

    fn sample(&self, rule: &CompletionRule, now: Instant) -> Completion {
        let is_judged = |operation: &&Operation| {
            let age = now.duration_since(operation.started_at);
            age >= rule.min_age
                && age < TTL
                && self.risen_at.is_none_or(|risen_at| operation.started_at > risen_at)
        };
        let sample = self.operations.iter().rev().filter(is_judged).take(size(rule.sample_size));
        sample.fold(Completion::default(), |sum, operation| Completion {
            total: sum.total + 1,
            completed: sum.completed + u32::from(operation.is_completed),
        })
    }

    fn completed_last_hour(&self, rule: &CompletionRule, now: Instant) -> u32 {
        let age = |operation: &Operation| now.duration_since(operation.started_at);
        let completed = self.operations.iter().rev().take_while(|operation| age(operation) <= HOUR);
        let completed = completed.filter(|operation| operation.is_completed).count();
        let span = self.operations.front().map_or(HOUR, age);
        let is_full = self.operations.len() >= size(rule.capacity);
        let millis = span.as_millis().max(1);
        let estimate = if is_full && span < HOUR {
            u128::try_from(completed).unwrap_or_default() * HOUR.as_millis() / millis
        } else {
            u128::try_from(completed).unwrap_or_default()
        };
        u32::try_from(estimate).unwrap_or(u32::MAX)
    }
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
