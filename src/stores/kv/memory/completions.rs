//! The newest operations of one completion rate, from the oldest to the newest.

use std::{collections::VecDeque, time::Instant};

use crate::stores::kv::{Completion, CompletionWindow, Event, completion_rate::STORED_PER_SAMPLED};

#[derive(Default)]
pub(super) struct RecentOperations(VecDeque<Operation>);

struct Operation {
    started_at: Instant,
    name: String,
    is_completed: bool,
}

impl RecentOperations {
    pub(super) fn record(&mut self, window: &CompletionWindow, now: Instant) -> Completion {
        let Self(operations) = self;
        let (Event::Started(name) | Event::Completed(name)) = &window.event;
        let known = operations.iter_mut().rev().find(|operation| operation.name == *name);
        match (&window.event, known) {
            (Event::Started(_), None) => operations.push_back(Operation {
                started_at: now,
                name: name.clone(),
                is_completed: false,
            }),
            (Event::Completed(_), Some(operation)) => operation.is_completed = true,
            (Event::Started(_), Some(_)) | (Event::Completed(_), None) => {}
        }
        let capacity =
            usize::try_from(window.sample_size * STORED_PER_SAMPLED).unwrap_or(usize::MAX);
        while operations.len() > capacity {
            operations.pop_front();
        }
        let is_old_enough =
            |operation: &&Operation| now.duration_since(operation.started_at) >= window.min_age;
        let sample_size = usize::try_from(window.sample_size).unwrap_or(usize::MAX);
        let sample = operations.iter().rev().filter(is_old_enough).take(sample_size);
        sample.fold(Completion { total: 0, completed: 0 }, |sum, operation| Completion {
            total: sum.total + 1,
            completed: sum.completed + u32::from(operation.is_completed),
        })
    }
}
