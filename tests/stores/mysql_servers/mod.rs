//! MySQL as operators run it: remote, with restricted accounts, and with failover.

mod accounts;
mod autocommit;
mod failover;
mod galera;
mod read_only;
mod rights;
mod tls;

use futures_util::future::join_all;
use haoma::{
    errors::Error,
    stores::{
        db::{Db, RunQueryDsl as _},
        tables::users,
    },
};
use test_support::databases::new_user;

/// Opens a database with eight connections that have been in use for a while.
async fn in_use(url: &str) -> Db {
    let db = Db::open(url, 8).await.expect("opens");
    let at_once = (0..8).map(|_| {
        db.read(async |connection| {
            Ok(diesel::sql_query("DO SLEEP(1.1)").execute(connection).await?)
        })
    });
    for response in join_all(at_once).await {
        response.expect("answers");
    }
    db
}

async fn write(db: &Db, mobile: &str) -> Result<(), Error> {
    let new = new_user(mobile, mobile);
    db.write(async move |connection| users::create(connection, &new).await).await
}
