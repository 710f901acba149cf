//! `haoma user import`: creates accounts for the users of another system, with the password hashes they have there.

mod row;

use std::{fs::File, path::Path, sync::Arc, thread, thread::available_parallelism};

use anyhow::Context as _;
use chrono::Utc;
use csv::{ByteRecord, Reader, ReaderBuilder};

use self::row::{Columns, Row};
use super::{print, print_error};
use crate::{
    domain::region::Regions,
    errors::Error,
    i18n::catalog::Catalog,
    stores::{
        db::Db,
        tables::{
            user_import::{ImportResult, existing_mobiles, import_users},
            users::NewUser,
        },
    },
};

/// Rows of one transaction.
const BATCH: usize = 500;
/// Rows between two lines of progress.
const PROGRESS: u64 = 10_000;
/// How often a random name is drawn for a row. Even a second time is very unlikely to be needed.
const ATTEMPTS: u32 = 3;

/// How many rows were read so far, and their results.
#[derive(Debug, Default)]
struct Counts {
    rows: u64,
    imported: u64,
    skipped: u64,
    refused: u64,
}

/// An import in progress.
struct Import<'a> {
    db: &'a Db,
    regions: &'a Regions,
    iterations: u32,
    catalog: Catalog,
    counts: Counts,
}

/// Imports a CSV file, and reports every refused row on stderr.
///
/// It holds one batch of rows in memory and writes one batch per transaction. A second run of the same file finds every
/// account there and changes nothing. Weak hashes are hashed once more, with the given number of iterations.
pub async fn import(
    db: &Db,
    (regions, iterations): (&Regions, u32),
    path: &Path,
) -> anyhow::Result<()> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let reader = ReaderBuilder::new().flexible(true).from_reader(file);
    let (catalog, counts) = (Catalog::load()?, Counts::default());
    let mut import = Import { db, regions, iterations, catalog, counts };
    let result = import.run(reader).await;
    let Counts { imported, skipped, refused, .. } = import.counts;
    print(&format!(
        "imported {imported}, skipped {skipped} whose number has an account already, refused {refused}"
    ))?;
    result?;
    anyhow::ensure!(refused == 0, "{refused} rows were refused; the others were imported");
    Ok(())
}

impl Import<'_> {
    async fn run(&mut self, mut reader: Reader<File>) -> anyhow::Result<()> {
        let columns = Columns::read(reader.byte_headers()?)?;
        let mut record = ByteRecord::new();
        let mut batch = Vec::with_capacity(BATCH);
        while reader.read_byte_record(&mut record)? {
            self.counts.rows += 1;
            // The reader has counted the header and this row, so the header is row 1, as in a spreadsheet.
            let number = reader.position().record();
            match Row::read(&columns, &record, number, self.regions, Utc::now()) {
                Ok(row) => batch.push(row),
                Err(errors) => self.report_refused(number, &errors.message(&self.catalog)),
            }
            if batch.len() == BATCH {
                self.store(std::mem::take(&mut batch)).await?;
            }
            if self.counts.rows.is_multiple_of(PROGRESS) {
                self.print_progress();
            }
        }
        self.store(batch).await
    }

    /// Stores a batch in one transaction, or each row in its own if somebody registers one of the numbers meanwhile.
    async fn store(&mut self, batch: Vec<Row>) -> anyhow::Result<()> {
        let batch = self.wrap_weak_hashes(batch).await?;
        let users: Vec<NewUser> = batch.iter().map(Row::to_user).collect();
        let results = match self.insert(users).await {
            Ok(results) => results,
            Err(Error::MobileTaken | Error::NameTaken) => Vec::new(),
            Err(error) => return Err(stopped(batch.first(), &error)),
        };
        let mut results = results.into_iter();
        for row in batch {
            let result = match results.next() {
                Some(ImportResult::NameTaken) if !row.has_name() => self.store_one(&row).await?,
                Some(result) => result,
                None => self.store_one(&row).await?,
            };
            self.count(&row, result);
        }
        Ok(())
    }

    /// Hashes weak hashes once more, on every core. Rows whose number has an account are left out first, so that a
    /// second run is quick.
    async fn wrap_weak_hashes(&mut self, batch: Vec<Row>) -> anyhow::Result<Vec<Row>> {
        if !batch.iter().any(Row::is_weak) {
            return Ok(batch);
        }
        let mobiles: Vec<_> = batch.iter().map(|row| row.mobile().as_str().to_owned()).collect();
        let known = self.db.read(async move |conn| existing_mobiles(conn, &mobiles).await).await;
        let known = known.map_err(|error| stopped(batch.first(), &error))?;
        let is_known = |row: &Row| known.contains(row.mobile().as_str());
        let (known, mut new): (Vec<_>, Vec<_>) = batch.into_iter().partition(is_known);
        for row in &known {
            self.count(row, ImportResult::MobileTaken);
        }
        let (cores, iterations) = (available_parallelism().map_or(1, usize::from), self.iterations);
        let rows_per_core = new.len().div_ceil(cores).max(1);
        thread::scope(|scope| {
            for rows in new.chunks_mut(rows_per_core) {
                scope.spawn(move || {
                    for row in rows {
                        row.wrap_weak_hash(iterations);
                    }
                });
            }
        });
        Ok(new)
    }

    async fn store_one(&self, row: &Row) -> anyhow::Result<ImportResult> {
        for _ in 0..ATTEMPTS {
            let result = match self.insert(vec![row.to_user()]).await {
                Ok(results) => results.first().copied().unwrap_or(ImportResult::MobileTaken),
                Err(Error::MobileTaken) => ImportResult::MobileTaken,
                Err(Error::NameTaken) => ImportResult::NameTaken,
                Err(error) => return Err(stopped(Some(row), &error)),
            };
            if result != ImportResult::NameTaken || row.has_name() {
                return Ok(result);
            }
        }
        Ok(ImportResult::NameTaken)
    }

    async fn insert(&self, users: Vec<NewUser>) -> Result<Vec<ImportResult>, Error> {
        let users = Arc::new(users);
        self.db.write(async move |conn| import_users(conn, &users).await).await
    }

    fn count(&mut self, row: &Row, result: ImportResult) {
        match result {
            ImportResult::Created => self.counts.imported += 1,
            ImportResult::MobileTaken => self.counts.skipped += 1,
            ImportResult::NameTaken => {
                self.report_refused(row.number, "name: somebody else has it");
            }
            ImportResult::ExternalIdTaken => {
                self.report_refused(row.number, "external_id: another account has it");
            }
        }
    }

    fn report_refused(&mut self, row: u64, message: &str) {
        self.counts.refused += 1;
        print_error(&format!("row {row}: {message}"));
    }

    fn print_progress(&self) {
        let Counts { rows, imported, skipped, refused } = &self.counts;
        print_error(&format!(
            "{rows} rows read: {imported} imported, {skipped} skipped, {refused} refused"
        ));
    }
}

fn stopped(row: Option<&Row>, error: &Error) -> anyhow::Error {
    let number = row.map_or(0, |row| row.number);
    anyhow::anyhow!(
        "stopped at row {number} ({error}): run it again, rows that were imported are skipped"
    )
}
