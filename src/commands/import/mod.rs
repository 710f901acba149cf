//! `haoma user import`: people who come from another system, with the passwords they have.

mod lines;
mod row;

use std::{fs::File, io::Write as _, path::Path, sync::Arc, thread, thread::available_parallelism};

use anyhow::Context as _;
use chrono::Utc;
use csv::{ByteRecord, Reader, ReaderBuilder};

use self::{
    lines::Lines,
    row::{Columns, Row},
};
use super::print;
use crate::{
    domain::region::Regions,
    errors::Error,
    i18n::catalog::Catalog,
    stores::{
        db::Db,
        tables::{
            user_import::{ImportResult, import_user, known_mobiles},
            users::NewUser,
        },
    },
};

/// Rows of one transaction.
const BATCH: usize = 500;
/// Rows between two lines of progress.
const PROGRESS: u64 = 10_000;
/// A random name that is taken is replaced so often; a second time is unheard of.
const ATTEMPTS: u32 = 3;

/// What has been done so far.
#[derive(Debug, Default)]
struct Tally {
    rows: u64,
    moved_in: u64,
    known: u64,
    refused: u64,
}

/// An import under way.
struct Import<'a> {
    db: &'a Db,
    regions: &'a Regions,
    iterations: u32,
    words: Catalog,
    tally: Tally,
}

/// Imports a file, row by row in memory and a batch at a time in the database; every refused row is told
/// on stderr. A second run finds everybody there and changes nothing.
///
/// Weak hashes are hashed once more, with so many iterations.
pub async fn import(
    db: &Db,
    (regions, iterations): (&Regions, u32),
    path: &Path,
) -> anyhow::Result<()> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let reader = ReaderBuilder::new().flexible(true).from_reader(Lines::of(file));
    let (words, tally) = (Catalog::load()?, Tally::default());
    let mut import = Import { db, regions, iterations, words, tally };
    let read = import.run(reader).await;
    let Tally { moved_in, known, refused, .. } = import.tally;
    print(&format!(
        "imported {moved_in}, skipped {known} whose number has an account already, refused {refused}"
    ))?;
    read?;
    anyhow::ensure!(refused == 0, "{refused} rows were refused; the others are done");
    Ok(())
}

impl Import<'_> {
    async fn run(&mut self, mut reader: Reader<Lines<File>>) -> anyhow::Result<()> {
        let columns = Columns::read(reader.byte_headers()?)?;
        let mut record = ByteRecord::new();
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let is_over = !reader.read_byte_record(&mut record)?;
            if !is_over {
                self.tally.rows += 1;
                let line = line(&record, &reader);
                match Row::read(&columns, &record, line, self.regions, Utc::now()) {
                    Ok(row) => batch.push(row),
                    Err(refusal) => self.refuse(line, &refusal.sentence(&self.words)),
                }
            }
            if batch.len() == BATCH || is_over {
                self.store(std::mem::take(&mut batch)).await?;
            }
            if is_over {
                return Ok(());
            }
            if self.tally.rows.is_multiple_of(PROGRESS) {
                self.progress();
            }
        }
    }

    /// One transaction for all; if somebody registers in between, one for each.
    async fn store(&mut self, batch: Vec<Row>) -> anyhow::Result<()> {
        let batch = self.harden(batch).await?;
        let people: Vec<NewUser> = batch.iter().map(Row::to_user).collect();
        let stored = self.move_in(people).await;
        let arrivals = match stored {
            Ok(arrivals) => arrivals,
            Err(Error::MobileTaken | Error::NameTaken) => Vec::new(),
            Err(error) => return Err(stopped(batch.first(), &error)),
        };
        let mut arrivals = arrivals.into_iter();
        for row in batch {
            let arrival = match arrivals.next() {
                Some(ImportResult::NameTaken) if !row.has_name() => self.store_one(&row).await?,
                Some(arrival) => arrival,
                None => self.store_one(&row).await?,
            };
            self.note(&row, arrival);
        }
        Ok(())
    }

    /// Hashes weak hashes once more, on every core; those whose number has an account are left out before,
    /// so that a second run is quick.
    async fn harden(&mut self, batch: Vec<Row>) -> anyhow::Result<Vec<Row>> {
        if !batch.iter().any(Row::is_weak) {
            return Ok(batch);
        }
        let mobiles: Vec<_> = batch.iter().map(|row| row.mobile().as_str().to_owned()).collect();
        let known = self.db.read(async move |it| known_mobiles(it, &mobiles).await).await;
        let known = known.map_err(|error| stopped(batch.first(), &error))?;
        let is_known = |row: &Row| known.contains(row.mobile().as_str());
        let (known, mut new): (Vec<_>, Vec<_>) = batch.into_iter().partition(is_known);
        for row in &known {
            self.note(row, ImportResult::Known);
        }
        let (cores, iterations) = (available_parallelism().map_or(1, usize::from), self.iterations);
        let share = new.len().div_ceil(cores).max(1);
        thread::scope(|scope| {
            for rows in new.chunks_mut(share) {
                scope.spawn(move || rows.iter_mut().for_each(|row| row.harden(iterations)));
            }
        });
        Ok(new)
    }

    async fn store_one(&self, row: &Row) -> anyhow::Result<ImportResult> {
        for _ in 0..ATTEMPTS {
            let arrival = match self.move_in(vec![row.to_user()]).await {
                Ok(arrivals) => arrivals.first().copied().unwrap_or(ImportResult::Known),
                Err(Error::MobileTaken) => ImportResult::Known,
                Err(Error::NameTaken) => ImportResult::NameTaken,
                Err(error) => return Err(stopped(Some(row), &error)),
            };
            if arrival != ImportResult::NameTaken || row.has_name() {
                return Ok(arrival);
            }
        }
        Ok(ImportResult::NameTaken)
    }

    async fn move_in(&self, people: Vec<NewUser>) -> Result<Vec<ImportResult>, Error> {
        let people = Arc::new(people);
        self.db.write(async move |it| import_user(it, &people).await).await
    }

    fn note(&mut self, row: &Row, arrival: ImportResult) {
        match arrival {
            ImportResult::MovedIn => self.tally.moved_in += 1,
            ImportResult::Known => self.tally.known += 1,
            ImportResult::NameTaken => self.refuse(row.line, "name: somebody else has it"),
            ImportResult::ExternalIdTaken => {
                self.refuse(row.line, "external_id: another account has it");
            }
        }
    }

    fn refuse(&mut self, line: u64, sentence: &str) {
        self.tally.refused += 1;
        say(&format!("line {line}: {sentence}"));
    }

    fn progress(&self) {
        let Tally { rows, moved_in, known, refused } = &self.tally;
        say(&format!("{rows} rows read: {moved_in} imported, {known} skipped, {refused} refused"));
    }
}

/// The line on which the row begins that was read just now: the reader stands on the line below it.
fn line(record: &ByteRecord, reader: &Reader<Lines<File>>) -> u64 {
    let its_own = (1_u64..).zip(record.as_slice().split(|it| *it == b'\n')).last();
    reader.position().line().saturating_sub(its_own.map_or(1, |(lines, _)| lines))
}

fn stopped(row: Option<&Row>, error: &Error) -> anyhow::Error {
    let line = row.map_or(0, |it| it.line);
    anyhow::anyhow!("stopped at line {line} ({error}): run it again, what is done is skipped")
}

/// Tells the person at the terminal. With nobody to listen there is nothing left to do about it.
fn say(line: &str) {
    writeln!(std::io::stderr(), "{line}").unwrap_or_default();
}
