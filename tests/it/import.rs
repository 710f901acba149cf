//! Moving in from another system: the file, its refusals, and signing in with the password one has.

use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use haoma::{
    domain::{mobile::Mobile, password::Password, password_hash::PasswordHash},
    stores::{db::Db, users},
};
use reqwest::StatusCode;
use serde_json::json;
use tempfile::TempDir;

use crate::{
    command::{Done, import},
    databases::{Scratch, mysql_server, sqlite_url},
    haoma::Haoma,
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
/// The same, under the name that PHP gives to `2b`.
const BCRYPT_2Y: &str = "$2y$04$6ezZEjQFKAvxWj5LznkGKOTtI4/fQfF.YoKnVjTUj3.UKCKHkpVb6";
const ARGON2: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA";

/// A database of each kind with its tables, by its address.
async fn on_each(test: impl AsyncFn(&'static str, String, Db)) {
    let folder = TempDir::new().expect("a folder");
    let url = sqlite_url(&folder);
    test("sqlite+memory", url.clone(), migrated(&url).await).await;
    if let Some(server) = mysql_server() {
        let database = Scratch::create(server);
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
    let found = db.read(async move |it| users::credentials_by_mobile(it, &mobile).await).await;
    found.expect("answers").and_then(|(_, hash)| hash)
}

fn assert_summary(done: &Done, imported: u32, skipped: u32, refused: u32) {
    let wanted = format!(
        "imported {imported}, skipped {skipped} whose number has an account already, refused {refused}\n"
    );
    assert_eq!(done.stdout, wanted, "{done:?}");
    assert_eq!(done.is_success, refused == 0, "{done:?}");
}

#[tokio::test]
async fn whoever_moves_in_signs_in_with_the_password_of_old_and_gets_a_new_hash() {
    on_each(async |_, url, db| {
        let haoma = Haoma::start(&[("DATABASE_URL", url.clone())], &[]).await;
        let ours = {
            let new = Password::typed(PASSWORD).expect("a password");
            PasswordHash::make(&new, 999).to_stored()
        };
        let hashes = [WERKZEUG, DJANGO, BCRYPT_2A, BCRYPT_2B, BCRYPT_2Y, &ours];
        let rows = (0..).zip(hashes).map(|(it, hash)| format!("1380013800{it},\"{hash}\"\n"));
        let csv = format!("mobile,password_hash\n{}", rows.collect::<String>());

        let done = import(&url, csv);

        assert_summary(&done, 6, 0, 0);
        for (number, old) in (0..).zip(hashes) {
            let mobile = format!("1380013800{number}");
            assert_eq!(hash_of(&db, &mobile).await.as_deref(), Some(old), "kept as it came");
            let login = |password: &str| json!({ "login": mobile, "password": password });
            let path = "/api/v1/session";
            let wrong = haoma.visitor().post_json(path, &login("correct horse 8")).await;
            let right = haoma.visitor().post_json(path, &login(PASSWORD)).await;
            let again = haoma.visitor().post_json(path, &login(PASSWORD)).await;

            assert_eq!(wrong.errno(), "4102", "{old}");
            assert_eq!(right.status, StatusCode::OK, "{old}: {right:?}");
            assert_eq!(again.status, StatusCode::OK, "{old}");
            let new = hash_of(&db, &mobile).await.expect("a hash");
            assert!(new.starts_with("$pbkdf2-sha256$i=1000,l=32$"), "{new}");
        }
        haoma.end().await;
    })
    .await;
}

#[tokio::test]
async fn everything_that_is_known_of_a_person_comes_along() {
    on_each(async |_, url, db| {
        let csv = format!(
            "\u{feff}avatar_url,name,created_at,mobile,password_hash\r\n\
             https://a.example/1.png,Ada,2019-03-04 05:06:07,+86 138-0013-8000,{DJANGO}\r\n\
             ,,2019-03-04T13:06:07+08:00,13800138001,{DJANGO}\r\n"
        );

        let done = import(&url, csv);

        assert_summary(&done, 2, 0, 0);
        let ada = Mobile::parse("13800138000").expect("a number");
        let ada =
            db.read(async move |it| users::find_by_mobile(it, &ada).await).await.expect("answers");
        let ada = ada.expect("an account");
        assert_eq!(ada.name.as_str(), "ada");
        assert_eq!(ada.avatar_url.as_deref(), Some("https://a.example/1.png"));
        assert_eq!(ada.created_at.to_rfc3339(), "2019-03-04T05:06:07+00:00");
        let other = Mobile::parse("13800138001").expect("a number");
        let other = db
            .read(async move |it| users::find_by_mobile(it, &other).await)
            .await
            .expect("answers");
        let other = other.expect("an account");
        assert!(other.name.as_str().starts_with("user-"), "{other:?}");
        assert_eq!(other.created_at, ada.created_at);
    })
    .await;
}

#[tokio::test]
async fn a_second_run_changes_nothing_and_nobody_is_overwritten() {
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
async fn every_refused_row_is_told_with_its_line_and_the_others_are_taken() {
    on_each(async |_, url, db| {
        let rows = [
            format!("13800138000,ada,{DJANGO},,"),
            format!("1380013800,,{DJANGO},,"),
            format!("13800138001,,{WERKZEUG_SCRYPT},,"),
            format!("13800138002,,\"{ARGON2}\",,"),
            "13800138003,,plain text,,".to_owned(),
            format!("13800138004,,{},,", BCRYPT_2B.replace("$04$", "$31$")),
            "13800138005,,,,".to_owned(),
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
        for (line, reason) in [
            (3, "mobile: "),
            (4, "scrypt cannot be checked"),
            (5, "argon2 cannot be checked"),
            (6, "password_hash: is none of"),
            (7, "costs more than a sign-in may"),
            (8, "password_hash: is missing"),
            (9, "name: somebody else has it"),
            (10, "name: "),
            (11, "created_at: is neither"),
            (12, "created_at: lies before"),
            (13, "avatar_url: "),
            (14, "has 2 fields, the header has 5"),
            (15, "mobile: "),
            (17, "is not UTF-8"),
        ] {
            let start = format!("line {line}: ");
            let told = done.stderr.lines().find(|it| it.starts_with(&start));
            assert!(told.is_some_and(|it| it.contains(reason)), "{line} {reason}: {}", done.stderr);
        }
        assert!(!done.stderr.contains("plain text") && !done.stderr.contains(ARGON2));
        assert!(hash_of(&db, "13800138012").await.is_some());
    })
    .await;
}

#[tokio::test]
async fn lines_are_counted_as_an_editor_does() {
    on_each(async |_, url, _| {
        for ending in ["\n", "\r\n"] {
            let csv = ["mobile,password_hash,name", "", "x,y,\"over", "two lines\"", "x,y,z"];

            let done = import(&url, csv.join(ending));

            assert_summary(&done, 0, 0, 2);
            for line in ["line 3: ", "line 5: "] {
                assert!(done.stderr.contains(line), "{line}: {}", done.stderr);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_no_such_list_is_refused_whole() {
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
        let rows = (0..1_203).map(|it| format!("1390000{it:04},{DJANGO}\n"));
        let csv = format!("mobile,password_hash\n{}", rows.collect::<String>());

        let done = import(&url, csv);

        assert_summary(&done, 1_203, 0, 0);
        assert!(hash_of(&db, "13900001202").await.is_some());
    })
    .await;
}

/// Somebody who registers between the look and the insert, as a trigger.
const RIVAL: &str =
    "CREATE TRIGGER rival BEFORE INSERT ON users WHEN NEW.mobile = '13800138001' BEGIN
    INSERT INTO users SELECT 7, NEW.mobile, 'rival', 'x', NULL, 'active', NEW.created_at,
        NEW.updated_at, NULL, NEW.password_changed_at, 0, 0, NULL, NULL; END";

#[tokio::test]
async fn whoever_registers_meanwhile_costs_the_others_nothing() {
    let folder = TempDir::new().expect("a folder");
    let url = sqlite_url(&folder);
    let db = migrated(&url).await;
    let file = url.trim_start_matches("sqlite://");
    let mut connection = SqliteConnection::establish(file).expect("opens");
    connection.batch_execute(RIVAL).expect("a trigger");
    let rows = (0..3).map(|it| format!("1380013800{it},{DJANGO}\n"));
    let csv = format!("mobile,password_hash\n{}", rows.collect::<String>());

    let done = import(&url, csv);

    assert_summary(&done, 2, 1, 0);
    assert!(hash_of(&db, "13800138002").await.is_some());
}

#[tokio::test]
async fn a_database_without_its_tables_says_what_to_run() {
    let Some(server) = mysql_server() else { return };
    let database = Scratch::create(server);

    let done = import(&database.url(), "mobile,password_hash\n");

    assert!(!done.is_success && done.stderr.contains("haoma migrate"), "{done:?}");
}
