//! The table of the tests.

use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_migrations::embed_migrations;
use haoma_db::{Connection, Db, Error, Migrations, RunQueryDsl as _};

diesel::table! {
    accounts {
        id -> BigInt,
        name -> VarChar,
        note -> VarChar,
    }
}

pub(crate) const MIGRATIONS: Migrations = Migrations {
    mysql: embed_migrations!("tests/migrations/mysql"),
    sqlite: embed_migrations!("tests/migrations/sqlite"),
};

/// Inserts an account whose note is empty.
pub(crate) async fn insert(connection: &mut Connection, id: i64, name: &str) -> Result<(), Error> {
    let values = (accounts::id.eq(id), accounts::name.eq(name), accounts::note.eq(""));
    diesel::insert_into(accounts::table).values(values).execute(connection).await?;
    Ok(())
}

/// Returns the note of an account.
pub(crate) async fn note(connection: &mut Connection, id: i64) -> Result<Option<String>, Error> {
    let note = accounts::table.find(id).select(accounts::note);
    Ok(note.first(connection).await.optional()?)
}

/// Changes the note if it still has the expected text; returns whether it had.
pub(crate) async fn replace_note(
    connection: &mut Connection,
    id: i64,
    old: &str,
    new: &str,
) -> Result<bool, Error> {
    let account = accounts::table.filter(accounts::id.eq(id)).filter(accounts::note.eq(old));
    let changed = diesel::update(account).set(accounts::note.eq(new)).execute(connection).await?;
    Ok(changed == 1)
}

/// Inserts an account in a transaction of its own.
pub(crate) async fn created(db: &Db, id: i64, name: &str) {
    let name = name.to_owned();
    let inserted = db.write(async move |connection| insert(connection, id, &name).await).await;
    inserted.expect("created");
}
