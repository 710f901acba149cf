//! Statements: each is prepared once on a connection, and its text is built once.

use diesel::{ExpressionMethods as _, QueryDsl as _, QueryableByName, sql_types::Text};
use haoma_db::{Connection, Error, RunQueryDsl as _};

use crate::{
    accounts::{accounts, created, note, replace_note},
    databases::{MysqlDatabase, migrated, on_each},
};

#[derive(QueryableByName)]
struct Status {
    #[diesel(sql_type = Text, column_name = "Value")]
    value: String,
}

/// Returns how many statements this connection has prepared.
async fn prepared(connection: &mut Connection) -> Result<u32, Error> {
    let query = diesel::sql_query("SHOW SESSION STATUS LIKE 'Com_stmt_prepare'");
    let status: Status = query.get_result(connection).await?;
    Ok(status.value.parse().expect("a number"))
}

#[tokio::test]
async fn a_statement_stays_prepared() {
    // SQLite does not count its prepared statements.
    let Some(database) = MysqlDatabase::create() else { return };
    let db = migrated(&database.url(), 1).await;
    created(&db, 1, "ada").await;

    db.write(async |connection: &mut Connection| {
        let run_each = async |connection: &mut Connection| -> Result<(), Error> {
            replace_note(connection, 1, "", "").await?;
            note(connection, 1).await?;
            let some = accounts::table.filter(accounts::id.eq_any([1, 2]));
            some.select(accounts::id).load::<i64>(connection).await?;
            Ok(())
        };
        run_each(connection).await?;
        let before = prepared(connection).await?;
        for _ in 0..5 {
            run_each(connection).await?;
        }
        assert_eq!(prepared(connection).await? - before, 0);
        Ok::<_, Error>(())
    })
    .await
    .expect("answers");
}

#[tokio::test]
async fn a_list_of_another_length_is_another_statement() {
    on_each(async |db| {
        created(&db, 1, "ada").await;
        created(&db, 2, "eve").await;
        db.read(async |connection: &mut Connection| {
            // Also longer than what stays prepared.
            for length in [1, 2, 1, 30, 2, 30] {
                let wanted: Vec<i64> = [1, 2].into_iter().cycle().take(length).collect();
                let chosen =
                    accounts::table.filter(accounts::id.eq_any(wanted)).order(accounts::name);
                let found = chosen.select(accounts::id).load::<i64>(connection).await?;
                assert_eq!(found, [1, 2][..length.min(2)]);
            }
            Ok::<_, Error>(())
        })
        .await
        .expect("answers");
    })
    .await;
}
