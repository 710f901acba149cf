//! The newest things of one tally, the oldest first.

use std::{collections::VecDeque, time::Instant};

use crate::stores::kv::{Completion, CompletionWindow, Event, completion_rate::ROOM};

#[derive(Default)]
pub(super) struct Things(VecDeque<Entry>);

struct Entry {
    began_at: Instant,
    name: String,
    is_done: bool,
}

impl Things {
    pub(super) fn note(&mut self, tally: &CompletionWindow, now: Instant) -> Completion {
        let Self(things) = self;
        let (Event::Begun(name) | Event::Done(name)) = &tally.note;
        let known = things.iter_mut().rev().find(|it| it.name == *name);
        match (&tally.note, known) {
            (Event::Begun(_), None) => {
                things.push_back(Entry { began_at: now, name: name.clone(), is_done: false });
            }
            (Event::Done(_), Some(thing)) => thing.is_done = true,
            (Event::Begun(_), Some(_)) | (Event::Done(_), None) => {}
        }
        let newest = usize::try_from(tally.newest).unwrap_or(usize::MAX);
        let room = usize::try_from(tally.newest * ROOM).unwrap_or(usize::MAX);
        while things.len() > room {
            things.pop_front();
        }
        let is_settled = |it: &&Entry| now.duration_since(it.began_at) >= tally.patience;
        let counted = things.iter().rev().filter(is_settled).take(newest);
        counted.fold(Completion { all: 0, done: 0 }, |sum, it| Completion {
            all: sum.all + 1,
            done: sum.done + u32::from(it.is_done),
        })
    }
}
