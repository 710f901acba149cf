//! Importing users from another system: the file, its errors, and signing in with the old password.

use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use haoma::{
    domain::{mobile::Mobile, password::Password, password_hash::PasswordHash},
    stores::{
        db::Db,
        tables::{credentials, users},
    },
};
use reqwest::{Method, StatusCode};
use serde_json::json;
use tempfile::TempDir;
use test_support::{
    app::{TestApp, fresh_mobile},
    cli::{Done, import, run_haoma},
    client::TestClient,
    databases::{TestDatabase, mysql_server, sqlite_url},
};

const PASSWORD: &str = "correct horse 7";
/// Made by Werkzeug 3.1.8: `generate_password_hash("correct horse 7", "pbkdf2:sha256:1000")`.
const WERKZEUG: &str = "pbkdf2:sha256:1000$pAkvgMvaLff0MYIA$6bf6f6bcbf9541997b057fe6d523fc451c9eb8ae709d5a6e684ac279ade57363";
/// Made by Werkzeug 3.1.8: `generate_password_hash("correct horse 7")`.
const WERKZEUG_SCRYPT: &str = "scrypt:32768:8:1$Fv5rD6TtbUl0T0ty$b83f9758ecfafb56094494c04c7cf0aa2a75f0d7badada45126d199e81372bede7968ebc35767ed33101f767a7148ef058689e4c34507e45f9d4275c3c586f0a";
/// Made by Django 5.2.19: `PBKDF2PasswordHasher().encode("correct horse 7", "aSaltOfDjango2", 1000)`.
const DJANGO: &str =
    "pbkdf2_sha256$1000$aSaltOfDjango2$n5TdzFMRooCKetPHuiz6G2nQlrYPbLrU18bewS4rYC4=";
/// Made by bcrypt 5.0.0 (Python): `hashpw(b"correct horse 7", gensalt(4, b"2a"))`.
const BCRYPT_2A: &str = "$2a$04$KsEjT99RzJWhiy4p9/LLOe5BgYTsSzp.n/uM7ck3aK7GyL17pfKta";
/// The same with `gensalt(4)`.
const BCRYPT_2B: &str = "$2b$04$6ezZEjQFKAvxWj5LznkGKOTtI4/fQfF.YoKnVjTUj3.UKCKHkpVb6";
/// The same hash with the prefix that PHP uses for `2b`.
const BCRYPT_2Y: &str = "$2y$04$6ezZEjQFKAvxWj5LznkGKOTtI4/fQfF.YoKnVjTUj3.UKCKHkpVb6";
/// Made by argon2-cffi 25.1.0: `PasswordHasher().hash("correct horse 7")`.
const ARGON2: &str = "$argon2id$v=19$m=65536,t=3,p=4$EYGIPh5Y+ZVSmIjRoBxjUA$buY7hvmwsjAyJDlmDaTABmz+Sw9l8qaZyNaayxsUEE8";
/// Made by passlib 1.7.4: `phpass.using(rounds=8).hash("correct horse 7")`.
const PHPASS: &str = "$P$6QsGeoiVImWYeXMXuB/5YNKzU85/ww.";
/// Made by Django 5.2.19: `MD5PasswordHasher().encode("correct horse 7", "aSaltOfDjango1")`.
const MD5: &str = "md5$aSaltOfDjango1$86d7507a618d5cb80ffbe4483ed1772a";

/// Runs a test on a database of each kind, with its tables and its URL.
async fn on_each(test: impl AsyncFn(&'static str, String, Db)) {
    let folder = TempDir::new().expect("a folder");
    let url = sqlite_url(&folder);
    test("sqlite+memory", url.clone(), migrated(&url).await).await;
    if let Some(server) = mysql_server() {
        let database = TestDatabase::create(server);
        test("mysql+memory", database.url(), migrated(&database.url()).await).await;
    }
}

async fn migrated(url: &str) -> Db {
    let db = Db::open(url, 4).await.expect("opens");
    db.migrate().await.expect("migrates");
    db
}

async fn hash_of(db: &Db, mobile: &str) -> Option<String> {
    let mobile = Mobile::parse(mobile).expect("a number");
    let found = db
        .read(async move |connection| credentials::by_mobile(connection, &mobile, None).await)
        .await;
    found.expect("answers").and_then(|found| found.password_hash)
}

/// Requests a code for a purpose and returns it.
async fn code(client: &TestClient<'_>, mobile: &str, purpose: &str) -> String {
    let (captcha_id, captcha) = client.solve_captcha().await;
    let body = json!({
        "mobile": mobile, "purpose": purpose, "captcha_id": captcha_id, "captcha": captcha,
    });
    let asked = client.post_json("/api/v1/sms-codes", &body).await;
    assert_eq!(asked.status, StatusCode::OK, "{asked:?}");
    client.app.wait_for_background_tasks().await;
    client.app.gateway.code_for(mobile)
}

fn assert_summary(done: &Done, imported: u32, skipped: u32, refused: u32) {
    let wanted = format!(
        "imported {imported}, skipped {skipped} whose number has an account already, refused {refused}\n"
    );
    assert_eq!(done.stdout, wanted, "{done:?}");
    assert_eq!(done.is_success, refused == 0, "{done:?}");
}

#[tokio::test]
async fn an_imported_user_signs_in_with_the_old_password_and_gets_a_new_hash() {
    on_each(async |_, url, db| {
        let app = TestApp::start(&[("DATABASE_URL", url.clone())], &[]).await;
        let ours = {
            let new = Password::typed(PASSWORD).expect("a password");
            PasswordHash::make(&new, 999).to_stored()
        };
        let hashes =
            [WERKZEUG, WERKZEUG_SCRYPT, DJANGO, BCRYPT_2A, BCRYPT_2B, BCRYPT_2Y, ARGON2, &ours];
        let rows = (0..).zip(hashes).map(|(index, hash)| format!("1380013800{index},\"{hash}\"\n"));
        let csv = format!("mobile,password_hash\n{}", rows.collect::<String>());

        let done = import(&url, csv);

        assert_summary(&done, 8, 0, 0);
        for (number, old) in (0..).zip(hashes) {
            let mobile = format!("1380013800{number}");
            assert_eq!(hash_of(&db, &mobile).await.as_deref(), Some(old), "kept as it came");
            let login = |password: &str| json!({ "login": mobile, "password": password });
            let path = "/api/v1/session";
            let wrong = app.client().post_json(path, &login("correct horse 8")).await;
            let right = app.client().post_json(path, &login(PASSWORD)).await;
            let again = app.client().post_json(path, &login(PASSWORD)).await;

            assert_eq!(wrong.errno(), "4102", "{old}");
            assert_eq!(right.status, StatusCode::OK, "{old}: {right:?}");
            assert_eq!(again.status, StatusCode::OK, "{old}");
            let new = hash_of(&db, &mobile).await.expect("a hash");
            assert!(new.starts_with("$pbkdf2-sha256$i=1000,l=32$"), "{new}");
        }
        app.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_weak_hash_is_wrapped_and_renewed_at_the_next_sign_in() {
    on_each(async |_, url, db| {
        let app = TestApp::start(&[("DATABASE_URL", url.clone())], &[]).await;
        let csv = format!(
            "mobile,password_hash\n13800138000,{PHPASS}\n13800138001,{MD5}\n13800138002,\n"
        );

        let done = import(&url, &csv);
        let again = import(&url, &csv);

        assert_summary(&done, 3, 0, 0);
        assert_summary(&again, 0, 3, 0);
        for (mobile, weak) in [("13800138000", PHPASS), ("13800138001", MD5)] {
            let stored = hash_of(&db, mobile).await.expect("a hash");
            let digest = weak.get(weak.len() - 16..).expect("letters");
            assert!(stored.contains("$pbkdf2-sha256$i=600000,l=32$"), "{stored}");
            assert!(!stored.contains(digest), "the weak hash is not kept: {stored}");
            let login = |password: &str| json!({ "login": mobile, "password": password });
            let path = "/api/v1/session";
            let wrong = app.client().post_json(path, &login("correct horse 8")).await;
            let right = app.client().post_json(path, &login(PASSWORD)).await;

            assert_eq!(wrong.errno(), "4102", "{weak}");
            assert_eq!(right.status, StatusCode::OK, "{weak}: {right:?}");
            let new = hash_of(&db, mobile).await.expect("a hash");
            assert!(new.starts_with("$pbkdf2-sha256$i=1000,l=32$"), "{new}");
        }
        app.stop().await;
    })
    .await;
}

/// R62, R63: neither message nor time distinguishes it from an unknown login.
#[tokio::test]
async fn an_account_without_a_password_is_signed_in_to_by_text_message() {
    on_each(async |_, url, db| {
        let app = TestApp::start(&[("DATABASE_URL", url.clone())], &[]).await;
        let mobile = fresh_mobile();
        let done = import(&url, format!("mobile,name,password_hash\n{mobile},ada,\n"));
        assert_summary(&done, 1, 0, 0);
        assert_eq!(hash_of(&db, &mobile).await, None);

        let mut refusals = Vec::new();
        for login in ["nobody-is-called-so", "ada", &mobile] {
            let before = app.state.hasher.effort();
            let body = json!({ "login": login, "password": "" });
            let empty = app.client().post_json("/api/v1/session", &body).await;
            let body = json!({ "login": login, "password": PASSWORD });
            let refused = app.client().post_json("/api/v1/session", &body).await;
            assert_eq!(empty.errno(), "4103", "{empty:?}");
            assert_eq!(refused.errno(), "4102", "{refused:?}");
            refusals.push((refused.without_request_id().1, app.state.hasher.effort() - before));
        }
        assert!(refusals.iter().all(|refusal| *refusal == refusals[0]), "{refusals:?}");

        let client = app.client();
        let code = code(&client, &mobile, "login").await;
        let body = json!({ "mobile": mobile, "sms_code": code });
        let entered = client.post_json("/api/v1/session", &body).await;
        assert_eq!(entered.status, StatusCode::OK, "{entered:?}");

        let body = json!({ "password": PASSWORD, "new_password": "battery staple 8" });
        let request = client.request(Method::PUT, "/api/v1/user/password");
        let request = request.header("content-type", "application/json");
        let changed = client.send(request.body(body.to_string())).await;
        assert_eq!(changed.errno(), "4106", "there is none to be changed: {changed:?}");
        assert!(changed.json()["errmsg"].as_str().is_some_and(|text| text.contains("重置密码")));
        app.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_imported_user_without_a_password_sets_one_by_reset() {
    on_each(async |_, url, db| {
        let app = TestApp::start(&[("DATABASE_URL", url.clone())], &[]).await;
        let mobile = fresh_mobile();
        import(&url, format!("mobile,password_hash\n{mobile},\n"));
        let client = app.client();
        let code = code(&client, &mobile, "reset").await;
        let body = json!({ "mobile": mobile, "sms_code": code, "password": "battery staple 8" });

        let reset = client.post_json("/api/v1/password-resets", &body).await;
        let login = json!({ "login": mobile, "password": "battery staple 8" });
        let entered = app.client().post_json("/api/v1/session", &login).await;

        assert_eq!(reset.status, StatusCode::OK, "{reset:?}");
        assert_eq!(entered.status, StatusCode::OK, "{entered:?}");
        assert!(hash_of(&db, &mobile).await.is_some());
        app.stop().await;
    })
    .await;
}

#[tokio::test]
async fn external_ids_are_imported_and_unique() {
    on_each(async |_, url, _| {
        let csv = format!(
            "mobile,password_hash,external_id\n\
             13800138000,{DJANGO},ext-1\n13800138001,{DJANGO},\n13800138002,,\n\
             13800138003,{DJANGO},ext-1\n13800138004,{DJANGO},{}\n",
            "e".repeat(129)
        );

        let done = import(&url, csv);
        let later = import(&url, "mobile,password_hash,external_id\n13800138005,,ext-1\n");

        assert_summary(&done, 3, 0, 2);
        assert!(done.stderr.contains("row 5: external_id: another account has it"), "{done:?}");
        assert!(done.stderr.contains("row 6: external_id: has more than 128"), "{done:?}");
        assert_summary(&later, 0, 0, 1);
        let shown = run_haoma(&url, &["user", "show", "13800138000"]);
        assert!(shown.stdout.contains("external id   ext-1"), "{shown:?}");
        let found = run_haoma(&url, &["user", "find", "ext-1"]);
        assert!(found.stdout.contains("138****8000"), "{found:?}");
        let bare = run_haoma(&url, &["user", "show", "13800138002"]);
        assert!(bare.stdout.contains("password      none"), "{bare:?}");
    })
    .await;
}

#[tokio::test]
async fn every_column_of_a_user_is_imported() {
    on_each(async |_, url, db| {
        let csv = format!(
            "\u{feff}avatar_url,name,created_at,mobile,password_hash\r\n\
             https://a.example/1.png,Ada,2019-03-04 05:06:07,+86 138-0013-8000,{DJANGO}\r\n\
             ,,2019-03-04T13:06:07+08:00,13800138001,{DJANGO}\r\n"
        );

        let done = import(&url, csv);

        assert_summary(&done, 2, 0, 0);
        let ada = Mobile::parse("13800138000").expect("a number");
        let ada = db
            .read(async move |connection| users::find_by_mobile(connection, &ada).await)
            .await
            .expect("answers");
        let ada = ada.expect("an account");
        assert_eq!(ada.name.as_str(), "ada");
        assert_eq!(ada.avatar_url.as_deref(), Some("https://a.example/1.png"));
        assert_eq!(ada.created_at.to_rfc3339(), "2019-03-04T05:06:07+00:00");
        let other = Mobile::parse("13800138001").expect("a number");
        let other = db
            .read(async move |connection| users::find_by_mobile(connection, &other).await)
            .await
            .expect("answers");
        let other = other.expect("an account");
        assert!(other.name.as_str().starts_with("user-"), "{other:?}");
        assert_eq!(other.created_at, ada.created_at);
    })
    .await;
}

#[tokio::test]
async fn a_second_import_changes_and_overwrites_nothing() {
    on_each(async |_, url, db| {
        let csv =
            |hash: &str| format!("mobile,password_hash\n13800138000,{hash}\n13800138001,{hash}\n");

        let first = import(&url, csv(DJANGO));
        let second = import(&url, csv(WERKZEUG));
        let twice =
            format!("mobile,password_hash\n13800138002,{DJANGO}\n8613800138002,{WERKZEUG}\n");
        let twice = import(&url, twice);

        assert_summary(&first, 2, 0, 0);
        assert_summary(&second, 0, 2, 0);
        assert_summary(&twice, 1, 1, 0);
        for mobile in ["13800138000", "13800138001", "13800138002"] {
            assert_eq!(hash_of(&db, mobile).await.as_deref(), Some(DJANGO));
        }
    })
    .await;
}

#[tokio::test]
async fn every_refused_row_is_reported_with_its_number_and_the_others_are_imported() {
    on_each(async |_, url, db| {
        let rows = [
            format!("13800138000,ada,{DJANGO},,"),
            format!("1380013800,,{DJANGO},,"),
            format!("13800138001,,{},,", WERKZEUG_SCRYPT.replace("32768", "1048576")),
            format!("13800138002,,\"{}\",,", ARGON2.replace("m=65536", "m=1048576")),
            "13800138003,,plain text,,".to_owned(),
            format!("13800138004,,{},,", BCRYPT_2B.replace("$04$", "$31$")),
            format!("13800138005,,{{SSHA}}{DJANGO},,"),
            format!("13800138006,ADA,{DJANGO},,"),
            format!("13800138007,a b,{DJANGO},,"),
            format!("13800138008,,{DJANGO},yesterday,"),
            format!("13800138009,,{DJANGO},2999-01-01 00:00:00,"),
            format!("13800138010,,{DJANGO},,javascript:alert(1)"),
            format!("13800138011,{DJANGO}"),
            format!("+85251234567,,{DJANGO},,"),
            format!("13800138012,,{DJANGO},,"),
        ];
        let csv = format!("mobile,name,password_hash,created_at,avatar_url\n{}\n", rows.join("\n"));
        let mut csv = csv.into_bytes();
        csv.extend_from_slice(b"13800138013,\xff\xfe,x,,\n");

        let done = import(&url, csv);

        assert_summary(&done, 2, 0, 14);
        for (row, reason) in [
            (3, "mobile: "),
            (4, "takes more than 128 MiB"),
            (5, "takes more than 128 MiB"),
            (6, "password_hash: is of no known form"),
            (7, "costs more than a sign-in may"),
            (8, "password_hash: has a prefix"),
            (9, "name: somebody else has it"),
            (10, "name: "),
            (11, "created_at: is neither"),
            (12, "created_at: lies before"),
            (13, "avatar_url: "),
            (14, "has 2 fields, the header has 5"),
            (15, "mobile: "),
            (17, "is not UTF-8"),
        ] {
            let start = format!("row {row}: ");
            let line = done.stderr.lines().find(|line| line.starts_with(&start));
            assert!(
                line.is_some_and(|text| text.contains(reason)),
                "{row} {reason}: {}",
                done.stderr
            );
        }
        assert!(!done.stderr.contains("plain text") && !done.stderr.contains(ARGON2));
        assert!(hash_of(&db, "13800138012").await.is_some());
    })
    .await;
}

/// The header is row 1. Empty lines are not rows, and a value may span lines.
#[tokio::test]
async fn rows_are_counted_from_the_header_on() {
    on_each(async |_, url, _| {
        for ending in ["\n", "\r\n"] {
            let csv = ["mobile,password_hash,name", "", "x,y,\"over", "two lines\"", "x,y,z"];

            let done = import(&url, csv.join(ending));

            assert_summary(&done, 0, 0, 2);
            for row in ["row 2: ", "row 3: "] {
                assert!(done.stderr.contains(row), "{row}: {}", done.stderr);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_in_another_format_is_refused_whole() {
    on_each(async |_, url, _| {
        for (csv, reason) in [
            ("", "lacks the column `mobile`"),
            ("mobile,name\n", "lacks the column `password_hash`"),
            ("mobile,password_hash,nmae\n", "unknown column `nmae`"),
            ("mobile,password_hash,mobile\n", "`mobile` twice"),
        ] {
            let done = import(&url, csv);

            assert!(!done.is_success && done.stderr.contains(reason), "{done:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn more_than_one_batch_goes_in() {
    on_each(async |_, url, db| {
        let rows = (0..1_203).map(|index| format!("1390000{index:04},{DJANGO}\n"));
        let csv = format!("mobile,password_hash\n{}", rows.collect::<String>());

        let done = import(&url, csv);

        assert_summary(&done, 1_203, 0, 0);
        assert!(hash_of(&db, "13900001202").await.is_some());
    })
    .await;
}

/// Registers a user between the query and the insert of the import, by a trigger.
const RIVAL: &str =
    "CREATE TRIGGER rival BEFORE INSERT ON users WHEN NEW.mobile = '13800138001' BEGIN
    INSERT INTO users (id, mobile, name, status, created_at, updated_at, password_changed_at)
        SELECT 7, NEW.mobile, 'rival', 'active', NEW.created_at, NEW.updated_at, NEW.password_changed_at;
    END";

#[tokio::test]
async fn a_registration_during_an_import_fails_only_its_own_row() {
    let folder = TempDir::new().expect("a folder");
    let url = sqlite_url(&folder);
    let db = migrated(&url).await;
    let file = url.trim_start_matches("sqlite://");
    let mut connection = SqliteConnection::establish(file).expect("opens");
    connection.batch_execute(RIVAL).expect("a trigger");
    let rows = (0..3).map(|index| format!("1380013800{index},{DJANGO}\n"));
    let csv = format!("mobile,password_hash\n{}", rows.collect::<String>());

    let done = import(&url, csv);

    assert_summary(&done, 2, 1, 0);
    assert!(hash_of(&db, "13800138002").await.is_some());
}

#[tokio::test]
async fn an_import_into_an_empty_database_names_the_migrate_command() {
    let Some(server) = mysql_server() else { return };
    let database = TestDatabase::create(server);

    let done = import(&database.url(), "mobile,password_hash\n");

    assert!(!done.is_success && done.stderr.contains("haoma migrate"), "{done:?}");
}
