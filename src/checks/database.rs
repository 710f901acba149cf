//! Checks of the database: encryption, tables, and the settings of the server.

use super::{Finding, OWN_NETWORK_QUESTION};
use crate::{
    config::ConnectionUrl,
    errors::Error,
    stores::{
        db::{Db, TransportSecurity},
        tables::{server_variables, server_variables::ServerSettings},
    },
};

/// Connections that are left to others than the pools: migrations, backups, people with a client.
const RESERVED_CONNECTIONS: u32 = 10;

/// Checks everything. `pool` is the number of connections that an instance opens.
pub async fn check(url: &ConnectionUrl, pool: u32) -> Vec<Finding> {
    let db = match Db::open(url.as_str(), 1).await {
        Ok(db) => db,
        Err(error) => return vec![Finding::Bad(format!("database: {error}"))],
    };
    let (migrations, has_tables) = check_migrations(&db).await;
    let mut findings = vec![check_encryption(&db, url), migrations];
    if has_tables || !db.is_mysql() {
        findings.push(match db.check_writes().await {
            Ok(()) => Finding::Good("database: takes writes".to_owned()),
            Err(error) => Finding::Bad(format!("database: {error}")),
        });
    }
    findings.extend(check_server(&db, pool).await);
    findings
}

fn check_encryption(db: &Db, url: &ConnectionUrl) -> Finding {
    let answers = format!("database: {url:?} answers");
    match db.transport_security() {
        TransportSecurity::Local => Finding::Good(answers),
        TransportSecurity::Verified => {
            Finding::Good(format!("{answers}, by TLS, its certificate verified"))
        }
        TransportSecurity::Plaintext => {
            Finding::Unknown(format!("{answers}, not encrypted: {OWN_NETWORK_QUESTION}"))
        }
    }
}

/// Also returns whether all tables exist.
async fn check_migrations(db: &Db) -> (Finding, bool) {
    match db.pending_migrations().await {
        Ok(pending) if pending.is_empty() => {
            (Finding::Good("database: is up to date".to_owned()), true)
        }
        Ok(_) if !db.is_mysql() => {
            (Finding::Good("database: gets its tables at the next start".to_owned()), false)
        }
        Ok(pending) => {
            let line = format!("database: lacks {}: run `haoma migrate`", pending.join(", "));
            (Finding::Bad(line), false)
        }
        Err(error) => (Finding::Bad(format!("database: {error}")), false),
    }
}

/// Checks the server's settings on which Haoma's guarantees depend.
pub async fn check_server(db: &Db, pool: u32) -> Vec<Finding> {
    let failed = |error: Error| Finding::Bad(format!("database: {error}"));
    let mut findings = vec![match db.read(server_variables::mobile_collation).await {
        Ok(None) => Finding::Good("database: numbers are compared byte by byte".to_owned()),
        Ok(Some(collation)) => check_collation(&collation),
        Err(error) => failed(error),
    }];
    match db.read(ServerSettings::read).await {
        Ok(settings) => {
            findings.extend(settings.iter().flat_map(|server| check_settings(server, pool)));
        }
        Err(error) => findings.push(failed(error)),
    }
    findings
}

fn check_collation(collation: &str) -> Finding {
    if matches!(collation, "utf8mb4_nopad_bin" | "utf8mb4_0900_bin" | "ascii_nopad_bin" | "binary")
    {
        return Finding::Good(format!("database: numbers are compared byte by byte ({collation})"));
    }
    Finding::Bad(format!(
        "database: users.mobile has the collation {collation}, which treats different texts as equal: \
         create the table with Haoma's own migrations"
    ))
}

/// Checks the settings that `docs/install.md` asks for.
fn check_settings(settings: &ServerSettings, pool: u32) -> Vec<Finding> {
    let mut findings = vec![check_durability(settings)];
    let needed = u64::from(pool + RESERVED_CONNECTIONS);
    if settings.max_connections.is_some_and(|max| max < needed) {
        findings.push(Finding::Bad(format!(
            "database: max_connections is {}: each instance needs DATABASE_POOL ({pool}) of them, and \
             others {RESERVED_CONNECTIONS}",
            settings.max_connections.unwrap_or_default()
        )));
    }
    if settings.is_galera && settings.sync_wait == Some(0) {
        findings.push(Finding::Note(
            "database: a write on one node can be read on another one only a moment later: point all \
             instances at one node, or set wsrep_sync_wait=1"
                .to_owned(),
        ));
    }
    findings
}

/// Checks that the server acknowledges a write only when it is on the disk (R131).
fn check_durability(settings: &ServerSettings) -> Finding {
    let wrong = [
        ("innodb_flush_log_at_trx_commit", settings.flushes_log),
        ("sync_binlog", settings.syncs_binlog.filter(|_| settings.has_binlog)),
    ];
    let wrong = wrong
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.filter(|value| *value != 1)?)));
    let wrong: Vec<String> = wrong.map(|(name, value)| format!("{name} is {value}")).collect();
    match (settings.flushes_log, &*wrong) {
        (None, _) => {
            Finding::Unknown("database: whether it keeps what it has acknowledged".to_owned())
        }
        (Some(_), []) => Finding::Good("database: keeps what it has acknowledged".to_owned()),
        (Some(_), wrong) => Finding::Bad(format!(
            "database: {}: a confirmed registration may be lost when the power fails: set 1",
            wrong.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collation_that_folds_digits_is_wrong() {
        assert!(matches!(check_collation("utf8mb4_nopad_bin"), Finding::Good(_)));
        assert!(matches!(check_collation("utf8mb4_unicode_ci"), Finding::Bad(_)));
        assert!(matches!(check_collation("utf8mb4_bin"), Finding::Bad(_)));
    }
}
