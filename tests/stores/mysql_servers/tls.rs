//! The certificate of a remote MySQL server has to be valid for its name (R115).

use haoma::stores::db::{Db, TransportSecurity};
use test_support::{
    databases::{execute, mysql_server},
    processes::Process,
    tls_ca::Authority,
};

/// Returns the error of opening the URL; `None` if it can be opened.
async fn refusal(url: &str) -> Option<String> {
    match Db::open(url, 1).await {
        Ok(db) => {
            assert_eq!(db.transport_security(), TransportSecurity::Verified);
            db.migrate().await.expect("migrates");
            db.ping().await.expect("answers");
            None
        }
        Err(error) => Some(error.to_string()),
    }
}

#[tokio::test]
async fn a_mysql_certificate_is_accepted_only_for_its_name_and_from_its_authority() {
    if mysql_server().is_none() {
        return;
    }
    let (authority, other) = (Authority::new(), Authority::new());
    let its = authority.sign("mysql", "DNS:localhost");
    let [certificate, key] = [&its.certificate, &its.key].map(|name| name.display().to_string());
    let arguments = format!(" --ssl-cert={certificate} --ssl-key={key}");
    let server = Process::mariadb_with(&arguments).await;
    let port = server.port();
    let statements = "CREATE DATABASE haoma; \
        CREATE USER haoma@'%' IDENTIFIED BY 'hush' REQUIRE SSL; GRANT ALL ON haoma.* TO haoma@'%'";
    execute(format!("mysql://root@127.0.0.1:{port}"), statements.to_owned());
    let url = |host: &str, parameters: &str| {
        format!("mysql://haoma:hush@{host}:{port}/haoma?{parameters}")
    };
    let ca = |authority: &Authority| format!("ssl_ca={}", authority.file().display());
    let identity = "ssl_mode=VERIFY_IDENTITY";

    assert_eq!(refusal(&url("localhost", &ca(&authority))).await, None);
    assert_eq!(refusal(&url("localhost", &format!("{identity}&{}", ca(&authority)))).await, None);
    for (what, url) in [
        ("another name", url("127.0.0.1", &ca(&authority))),
        ("another authority", url("localhost", &ca(&other))),
        ("an unknown authority", url("localhost", identity)),
    ] {
        let said = refusal(&url).await.expect(what);
        assert!(said.contains("ssl_ca=") && said.contains("ssl_mode=DISABLED"), "{what}: {said}");
        assert!(!said.contains("hush"), "{said}");
    }
    let no_file = refusal(&url("localhost", "ssl_ca=/nowhere/ca.pem")).await.expect("no file");
    assert!(no_file.contains("/nowhere/ca.pem") && !no_file.contains("hush"), "{no_file}");
    assert!(refusal(&url("localhost", "ssl_mode=DISABLED")).await.is_some(), "without TLS");
}

#[tokio::test]
async fn a_mysql_without_tls_is_refused_where_tls_is_wanted() {
    let Some(server) = mysql_server() else { return };

    let said = refusal(&format!("{server}/mysql?ssl_mode=VERIFY_IDENTITY")).await;

    assert!(said.expect("refused").contains("by TLS only"));
}
