//! The newest things of one tally, the oldest first.

use std::{collections::VecDeque, time::Instant};

use crate::stores::kv::{Note, Tallied, Tally, tally::ROOM};

#[derive(Default)]
pub(super) struct Things(VecDeque<Thing>);

struct Thing {
    began_at: Instant,
    name: String,
    is_done: bool,
}

impl Things {
    pub(super) fn note(&mut self, tally: &Tally, now: Instant) -> Tallied {
        let Self(things) = self;
        let (Note::Begun(name) | Note::Done(name)) = &tally.note;
        let known = things.iter_mut().rev().find(|it| it.name == *name);
        match (&tally.note, known) {
            (Note::Begun(_), None) => {
                things.push_back(Thing { began_at: now, name: name.clone(), is_done: false });
            }
            (Note::Done(_), Some(thing)) => thing.is_done = true,
            (Note::Begun(_), Some(_)) | (Note::Done(_), None) => {}
        }
        let newest = usize::try_from(tally.newest).unwrap_or(usize::MAX);
        let room = usize::try_from(tally.newest * ROOM).unwrap_or(usize::MAX);
        while things.len() > room {
            things.pop_front();
        }
        let is_settled = |it: &&Thing| now.duration_since(it.began_at) >= tally.patience;
        let counted = things.iter().rev().filter(is_settled).take(newest);
        counted.fold(Tallied { all: 0, done: 0 }, |sum, it| Tallied {
            all: sum.all + 1,
            done: sum.done + u32::from(it.is_done),
        })
    }
}
