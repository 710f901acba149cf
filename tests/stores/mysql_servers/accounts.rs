//! Accounts with other plugins than `mysql_native_password`: those that work and those that are refused.

use haoma::stores::db::Db;
use test_support::{
    cli::run_haoma,
    databases::{execute, mysql_server},
    processes::Process,
};

const ACCOUNTS: &str = "INSTALL SONAME 'auth_ed25519'; INSTALL SONAME 'auth_pam'; CREATE DATABASE haoma; \
    CREATE USER ed@'%' IDENTIFIED VIA ed25519 USING PASSWORD('hush'); GRANT ALL ON haoma.* TO ed@'%'; \
    CREATE USER pam@'%' IDENTIFIED VIA pam; GRANT ALL ON haoma.* TO pam@'%'; \
    CREATE USER locked@'%' IDENTIFIED BY 'hush' ACCOUNT LOCK; GRANT ALL ON haoma.* TO locked@'%'";

/// Returns the error of opening a URL; `None` if it can be opened.
async fn refusal(url: &str) -> Option<String> {
    match Db::open(url, 1).await {
        Ok(db) => {
            db.migrate().await.expect("migrates");
            db.ping().await.expect("answers");
            None
        }
        Err(error) => {
            assert!(!error.is_unreachable(), "{error}");
            Some(error.to_string())
        }
    }
}

#[actix_web::test]
async fn an_ed25519_account_connects_and_other_plugins_are_refused_with_advice() {
    if mysql_server().is_none() {
        return;
    }
    let server = Process::mariadb().await;
    execute(server.mysql_root(), ACCOUNTS.to_owned());
    let place = format!("127.0.0.1:{}", server.port());
    let url = |client: &str, database: &str| format!("mysql://{client}@{place}/{database}");
    let wrong = "refuses the user name or the password";

    assert_eq!(refusal(&url("ed:hush", "haoma")).await, None);
    for (client, database, part) in [
        ("ed:wrong", "haoma", wrong),
        ("ed:hush", "nowhere", "no database `nowhere`"),
        ("pam:hush", "haoma", "plug-in `dialog`"),
        ("locked:hush", "haoma", "account is locked"),
    ] {
        let said = refusal(&url(client, database)).await.expect(part);
        assert!(said.starts_with(&format!("DATABASE_URL: MySQL at {place} ")), "{said}");
        assert!(said.contains(part) && !said.contains("hush"), "{client}: {said}");
    }
    // MariaDB lets an unknown name go through a sign-in like a known one, so as not to reveal which names exist.
    for mistyped in 'a'..='z' {
        let said = refusal(&url(&format!("haom{mistyped}:hush"), "haoma")).await.expect("refused");
        assert!(said.contains(wrong) || said.contains("plug-in `dialog`"), "{said}");
    }
}

#[actix_web::test]
async fn no_command_panics_over_an_account_plugin() {
    if mysql_server().is_none() {
        return;
    }
    let server = Process::mariadb().await;
    execute(server.mysql_root(), ACCOUNTS.to_owned());

    for client in ["ed:wrong", "pam:hush", "nobody:hush"] {
        let url = format!("mysql://{client}@127.0.0.1:{}/haoma", server.port());
        let done = run_haoma(&url, &["migrate"]);

        assert!(!done.is_success, "{done:?}");
        assert!(done.stderr.starts_with("haoma: DATABASE_URL: MySQL at 127.0.0.1:"), "{done:?}");
        assert!(!done.stderr.contains("panic") && !done.stderr.contains(client), "{done:?}");
    }
}
