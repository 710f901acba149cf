//! The key file that a start creates, and errors beyond malformed variables.

use std::{fs, os::unix::fs::PermissionsExt as _};

use haoma::{application::Application, config::Config};
use tempfile::TempDir;
use test_support::{
    app::TestApp,
    databases::{TestDatabase, mysql_server, redis_server, sqlite_url},
    logs,
};

use super::{KEY, env, mistakes, names};

#[test]
fn the_key_file_is_created_once_and_readable_by_its_owner_only() {
    let folder = TempDir::new().expect("a folder");
    let url = sqlite_url(&folder);
    let made = || Config::from_env(env(&[("DATABASE_URL", &url)])).expect("settings").secret_key;
    let path = folder.path().join("data/haoma.key");

    let two = [made(), made()];
    assert!(fs::read_dir(folder.path()).expect("a folder").next().is_none(), "not yet");
    // If two processes start together, one creates the file and both use it.
    let [first, other] = two.map(|secret_key| secret_key.open().expect("a key").derive("test"));
    assert_eq!(first.as_bytes(), other.as_bytes());
    let text = fs::read_to_string(&path).expect("a key");
    let second = made().open().expect("a key").derive("test");

    assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
    assert_eq!(
        fs::metadata(path.parent().expect("one")).expect("one").permissions().mode() & 0o777,
        0o700
    );
    assert!(text.trim().len() >= 43, "256 bits");
    assert_eq!(first.as_bytes(), second.as_bytes());
    assert_eq!(fs::read_to_string(&path).expect("a key"), text);
    fs::write(&path, "cut").expect("writable");
    let cut = mistakes(&[("DATABASE_URL", &url)]);
    assert_eq!(names(&cut), ["SECRET_KEY"].into());
    assert!(cut[0].message.contains(&path.display().to_string()), "{cut:?}");
}

#[test]
fn a_key_file_that_cannot_be_written_is_named() {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("data"), "no folder").expect("writable");
    let config =
        Config::from_env(env(&[("DATABASE_URL", &sqlite_url(&folder))])).expect("settings");

    let said = config.secret_key.open().expect_err("refused").to_string();

    let file = folder.path().join("data/haoma.key").display().to_string();
    assert!(said.starts_with("SECRET_KEY is not set") && said.contains(&file), "{said}");
}

pub(super) async fn refusal(pairs: &[(&str, &str)]) -> String {
    let pairs = [&[KEY, ("BIND", "127.0.0.1:0"), ("SMS_PROVIDERS", "console")], pairs].concat();
    let config = Config::from_env(env(&pairs)).expect("settings");
    match Application::build(&config).await {
        Ok(_) => panic!("started with {pairs:?}"),
        Err(error) => format!("{error:#}"),
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_stops_the_start() {
    let folder = TempDir::new().expect("a folder");
    let sqlite = sqlite_url(&folder);
    let database = refusal(&[("DATABASE_URL", "mysql://haoma:geheim@127.0.0.1:1/haoma")]).await;
    let redis =
        [("DATABASE_URL", sqlite.as_str()), ("REDIS_URL", "redis://u:geheim@127.0.0.1:1/0")];
    let kv = refusal(&redis).await;

    assert!(
        database.starts_with("DATABASE_URL: MySQL at 127.0.0.1:1 cannot be reached"),
        "{database}"
    );
    assert!(kv.starts_with("REDIS_URL: Redis at 127.0.0.1:1 cannot be reached"), "{kv}");
    assert!(!format!("{database}{kv}").contains("geheim"));
    let file = folder.path().join("file");
    fs::write(&file, "no database, and long enough to be none: ".repeat(30)).expect("writable");
    let url = format!("sqlite://{}", file.display());
    let said = refusal(&[("DATABASE_URL", &url)]).await;
    assert!(said.contains("SQLite") && said.contains(&file.display().to_string()), "{said}");
}

#[tokio::test]
async fn a_database_that_is_not_up_to_date_stops_the_start() {
    let Some(server) = mysql_server() else { return };
    let database = TestDatabase::create(server);

    let said = refusal(&[("DATABASE_URL", &database.url())]).await;

    assert!(said.contains("haoma migrate") && said.contains("create_users"), "{said}");
}

#[tokio::test]
async fn a_wrong_store_password_is_reported_without_the_password() {
    let (Some(server), Some(redis)) = (mysql_server(), redis_server()) else { return };
    let folder = TempDir::new().expect("a folder");
    let wrong = server.replace("root@", "nobody:geheim@") + "/haoma";
    let database = refusal(&[("DATABASE_URL", &wrong)]).await;
    let wrong = redis.replace("://", "://nobody:geheim@");
    let kv = refusal(&[("DATABASE_URL", &sqlite_url(&folder)), ("REDIS_URL", &wrong)]).await;

    assert!(!format!("{database}{kv}").contains("geheim"), "{database} {kv}");
    for (said, variable) in [(database, "DATABASE_URL: "), (kv, "REDIS_URL: ")] {
        let part = " refuses the user name or the password";
        assert!(said.starts_with(variable) && said.contains(part), "{said}");
    }
}

#[tokio::test]
async fn a_missing_database_and_a_missing_file_are_named() {
    let Some(server) = mysql_server() else { return };
    let missing = refusal(&[("DATABASE_URL", &format!("{server}/nowhere"))]).await;
    let authority = format!("{server}/mysql?ssl_mode=VERIFY_IDENTITY&ssl_ca=/nowhere/ca.pem");
    let no_file = refusal(&[("DATABASE_URL", &authority)]).await;

    let place = server.rsplit_once('@').expect("a user").1;
    assert!(missing.contains(&format!("MySQL at {place} has no database `nowhere`")), "{missing}");
    // A server without TLS is an error before the file is read.
    assert!(no_file.contains("/nowhere/ca.pem") || no_file.contains("by TLS only"), "{no_file}");
}

#[tokio::test]
async fn every_start_warns_of_codes_in_memory() {
    let turn = logs::capture().await;
    let folder = TempDir::new().expect("a folder");
    let sqlite = [("DATABASE_URL", sqlite_url(&folder))];
    for _ in 0..2 {
        TestApp::start(&sqlite, &[]).await.stop().await;
    }

    let lines = logs::captured(turn);
    let warned = lines
        .iter()
        .filter(|line| line.contains(" WARN ") && line.contains("event=codes_in_memory "));
    assert!(warned.count() >= 2, "{lines:?}");
}
