//! Messages of real databases have the causes that the crate reads from them.

use haoma_db::{Connection, Error, violated_unique_key};
use mysql_async::prelude::Queryable as _;

use crate::{
    accounts::{created, insert, replace_note},
    databases::{MysqlDatabase, migrated, on_each},
};

#[tokio::test]
async fn a_violated_unique_key_is_named() {
    on_each(async |db| {
        created(&db, 1, "ada").await;

        let again = db.write(async |connection| insert(connection, 2, "ada").await).await;

        let Err(Error::Query(error)) = &again else { panic!("{again:?}") };
        let key = violated_unique_key(error).expect("a key");
        let names = ["accounts.name", "accounts_name_key", "accounts.accounts_name_key"];
        assert!(names.contains(&key), "{key}");
    })
    .await;
}

/// The crate reads the message, because diesel-async drops the code; this test compares the two.
#[tokio::test]
async fn code_1205_of_mysql_has_the_message_that_is_retried() {
    let Some(database) = MysqlDatabase::create() else { return };
    let db = migrated(&database.url(), 2).await;
    created(&db, 1, "ada").await;
    let mut other = mysql_async::Conn::from_url(database.url()).await.expect("connects");
    other.query_drop("SET innodb_lock_wait_timeout = 1").await.expect("sets");

    let outcome = db.write(async move |connection: &mut Connection| {
        replace_note(connection, 1, "", "locked").await?;
        connection.batch_execute("DO SLEEP(1.5)").await?;
        Ok::<_, Error>(())
    });
    let refused = async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        other.query_drop("UPDATE accounts SET note = 'other' WHERE id = 1").await
    };
    let (outcome, refused) = futures_util::future::join(outcome, refused).await;

    outcome.expect("written");
    let Err(mysql_async::Error::Server(error)) = refused else { panic!("{refused:?}") };
    assert_eq!(error.code, 1205);
    assert!(error.message.contains("try restarting transaction"), "{}", error.message);
    other.disconnect().await.expect("disconnects");
}
