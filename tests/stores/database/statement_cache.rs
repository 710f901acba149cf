//! What is said again and again is written and prepared once.

use diesel::{ExpressionMethods as _, QueryDsl as _, QueryableByName, sql_types::Text};
use haoma::{
    errors::Error,
    stores::{
        db::{Connection, Db, RunQueryDsl as _},
        tables::users as people,
    },
};
use test_support::databases::{TestDatabase, mysql_server, on_each, registered};

diesel::table! {
    users {
        id -> BigInt,
        mobile -> VarChar,
    }
}

#[derive(QueryableByName)]
struct Status {
    #[diesel(sql_type = Text, column_name = "Value")]
    value: String,
}

/// Statements that this connection has had prepared.
async fn prepared(connection: &mut Connection) -> Result<u32, Error> {
    let asked = diesel::sql_query("SHOW SESSION STATUS LIKE 'Com_stmt_prepare'");
    let status: Status = asked.get_result(connection).await?;
    Ok(status.value.parse().expect("a number"))
}

#[actix_web::test]
async fn a_statement_stays_prepared() {
    // SQLite does not tell what it prepares.
    let Some(server) = mysql_server() else { return };
    let database = TestDatabase::create(server);
    let db = Db::open(&database.url(), 1).await.expect("opens");
    db.migrate().await.expect("migrates");
    let id = registered(&db, "13800138000", "ada").await.id;

    db.write(async move |it| {
        let say = async |it: &mut Connection| -> Result<(), Error> {
            people::replace_password_hash(it, id, "hash", "hash").await?;
            people::find(it, id).await?;
            let chosen = users::table.filter(users::id.eq_any([id, id + 1]));
            chosen.select(users::id).load::<i64>(it).await?;
            Ok(())
        };
        say(it).await?;
        let before = prepared(it).await?;
        for _ in 0..5 {
            say(it).await?;
        }
        assert_eq!(prepared(it).await? - before, 0);
        Ok(())
    })
    .await
    .expect("answers");
}

#[actix_web::test]
async fn a_list_of_another_length_is_another_statement() {
    on_each(async |db| {
        let ids = [
            registered(&db, "13800138000", "ada").await.id,
            registered(&db, "13900139000", "eve").await.id,
        ];
        db.read(async move |it| {
            // Longer than what is kept, too.
            for length in [1, 2, 1, 30, 2, 30] {
                let wanted: Vec<i64> = ids.into_iter().cycle().take(length).collect();
                let chosen = users::table.filter(users::id.eq_any(wanted)).order(users::mobile);
                let found = chosen.select(users::id).load::<i64>(it).await?;
                assert_eq!(found, ids[..length.min(2)]);
            }
            Ok(())
        })
        .await
        .expect("answers");
    })
    .await;
}
