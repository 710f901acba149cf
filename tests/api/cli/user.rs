//! The commands for accounts.

use haoma::domain::mobile::Mobile;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile},
    cli::run_haoma,
    client::{TestClient, TestResponse},
    databases::{TestDatabase, mysql_server, sqlite_url},
};

/// Starts a server and passes it with the URL of its database, which the commands use too.
async fn on_each(test: impl AsyncFn(&TestApp, &str)) {
    let folder = TempDir::new().expect("a folder");
    run(&sqlite_url(&folder), &test).await;
    if let Some(server) = mysql_server() {
        let database = TestDatabase::create(server);
        run(&database.url(), &test).await;
    }
}

async fn run(url: &str, test: &impl AsyncFn(&TestApp, &str)) {
    let app = TestApp::start(&[("DATABASE_URL", url.to_owned())], &[]).await;
    test(&app, url).await;
    app.stop().await;
}

#[tokio::test]
async fn show_prints_an_account_without_its_number() {
    on_each(async |server, url| {
        let mobile = fresh_mobile();
        let registered = server.client().register(&mobile).await;

        let shown = run_haoma(url, &["user", "show", &mobile]);

        assert!(shown.is_success, "{shown:?}");
        let account = registered.json();
        let id = account["data"]["id"].to_string();
        let name = account["data"]["name"].as_str().expect("a name").to_owned();
        let masked = Mobile::parse(&mobile).expect("a number").masked();
        for part in [&masked, &id, &name, "active", "last sign-in  never", "sessions      1"] {
            assert!(shown.stdout.contains(part), "{part}: {shown:?}");
        }
        assert!(!shown.stdout.contains(&mobile) && !shown.stdout.contains("pbkdf2"));
    })
    .await;
}

/// R86.
#[tokio::test]
async fn locking_ends_every_session_until_the_account_is_unlocked() {
    on_each(async |server, url| {
        let (client, mobile) = (server.client(), fresh_mobile());
        client.register(&mobile).await;
        let login = json!({ "login": mobile, "password": PASSWORD });

        let locked = run_haoma(url, &["user", "lock", &mobile]);
        let inside = client.get("/api/v1/session").await;
        let refused = server.client().post_json("/api/v1/session", &login).await;
        let unlocked = run_haoma(url, &["user", "unlock", &mobile]);
        let old = client.get("/api/v1/session").await;
        let entered = server.client().post_json("/api/v1/session", &login).await;

        assert!(locked.is_success && locked.stdout.contains("1 sessions ended"), "{locked:?}");
        assert_eq!(inside.errno(), "4101");
        assert_eq!(refused.errno(), "4104");
        assert!(unlocked.is_success, "{unlocked:?}");
        assert_eq!(old.errno(), "4101", "what was ended stays so");
        assert_eq!(entered.status, StatusCode::OK, "{entered:?}");
    })
    .await;
}

#[tokio::test]
async fn sign_out_ends_every_session_and_no_more() {
    on_each(async |server, url| {
        let (client, mobile) = (server.client(), fresh_mobile());
        client.register(&mobile).await;
        let login = json!({ "login": mobile, "password": PASSWORD });
        server.client().post_json("/api/v1/session", &login).await;

        let done = run_haoma(url, &["user", "sign-out", &mobile]);

        assert!(done.is_success && done.stdout.contains("2 sessions ended"), "{done:?}");
        assert_eq!(client.get("/api/v1/session").await.errno(), "4101");
        let entered = server.client().post_json("/api/v1/session", &login).await;
        assert_eq!(entered.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn an_export_has_all_data_and_no_secret() {
    on_each(async |server, url| {
        let mobile = fresh_mobile();
        let registered = server.client().register(&mobile).await;

        let done = run_haoma(url, &["user", "export", &mobile]);

        let data: Value = serde_json::from_str(&done.stdout).expect("JSON");
        assert_eq!(data["account"]["mobile"], mobile.as_str());
        assert_eq!(data["account"]["id"], registered.json()["data"]["id"]);
        assert!(data["account"]["created_at"].as_str().is_some_and(|text| text.ends_with('Z')));
        assert_eq!(data["sessions"].as_array().map(Vec::len), Some(1));
        assert_eq!(data["sms_messages"][0]["purpose"], "register");
        assert_eq!(data["sms_messages"][0]["outcome"], "sent");
        assert_eq!(data["account"]["has_password"], true);
        assert!(!done.stdout.contains("pbkdf2") && !done.stdout.contains("key"), "{done:?}");
    })
    .await;
}

#[tokio::test]
async fn an_unknown_number_is_reported() {
    on_each(async |_, url| {
        for verb in ["show", "lock", "unlock", "sign-out", "export", "delete"] {
            for unknown in [&["13999999999"][..], &["--id", "7"], &["--name", "nobody"]] {
                let unknown = run_haoma(url, &[&["user", verb], unknown].concat());
                assert!(
                    !unknown.is_success && unknown.stderr.contains("no account"),
                    "{unknown:?}"
                );
            }
            let no_number = run_haoma(url, &["user", verb, "ada"]);
            let two = run_haoma(url, &["user", verb, "13999999999", "--id", "7"]);
            let none = run_haoma(url, &["user", verb]);

            assert!(!no_number.is_success && no_number.stderr.contains("not a mobile number"));
            assert!(!two.is_success && !none.is_success, "{two:?} {none:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_account_is_named_by_its_number_its_id_or_its_name() {
    on_each(async |server, url| {
        let (client, mobile) = (server.client(), fresh_mobile());
        let account = client.register(&mobile).await.json();
        let id = account["data"]["id"].to_string();
        let name = account["data"]["name"].as_str().expect("a name").to_uppercase();
        let masked = Mobile::parse(&mobile).expect("a number").masked();
        for whose in [&[mobile.as_str()][..], &["--id", &id], &["--name", &name]] {
            for (verb, expected) in [
                ("show", "status        active"),
                ("export", "\"status\": \"active\""),
                ("lock", "locked"),
                ("unlock", "active"),
                ("sign-out", "0 sessions ended"),
            ] {
                let done = run_haoma(url, &[&["user", verb], whose].concat());
                assert!(
                    done.is_success && done.stdout.contains(expected),
                    "{verb} {whose:?}: {done:?}"
                );
            }
        }
        let beginning = name.get(..8).expect("letters");
        for text in [&mobile, &id, &name, beginning] {
            let found = run_haoma(url, &["user", "find", text]);
            assert!(found.is_success, "{text}: {found:?}");
            assert!(found.stdout.contains(&id) && found.stdout.contains(&masked), "{found:?}");
            assert!(!found.stdout.contains(&mobile), "{found:?}");
        }
        let none = run_haoma(url, &["user", "find", "nobody is called %"]);
        assert!(!none.is_success && none.stderr.contains("no account"), "{none:?}");
    })
    .await;
}

#[tokio::test]
async fn deleting_an_account_needs_the_yes_option() {
    on_each(async |server, url| {
        let (client, mobile) = (server.client(), fresh_mobile());
        client.register(&mobile).await;

        let asked = run_haoma(url, &["user", "delete", &mobile]);
        let before = client.get("/api/v1/session").await;
        let deleted = run_haoma(url, &["user", "delete", &mobile, "--yes"]);
        let after = client.get("/api/v1/session").await;
        let shown = run_haoma(url, &["user", "show", &mobile]);

        assert!(!asked.is_success && asked.stderr.contains("nothing was deleted"), "{asked:?}");
        assert!(asked.stdout.contains("status"), "{asked:?}");
        assert_eq!(before.errno(), "0");
        assert!(deleted.is_success && deleted.stdout.contains("deleted"), "{deleted:?}");
        assert_eq!(after.errno(), "4101");
        assert!(!shown.is_success && shown.stderr.contains("no account"), "{shown:?}");
    })
    .await;
}

/// Returns the timeline of a number as the command prints it.
fn timeline(url: &str, mobile: &str, more: &[&str]) -> String {
    let done = run_haoma(url, &[&["sms", "timeline", mobile], more].concat());
    assert!(done.is_success, "{done:?}");
    done.stdout
}

async fn request_code(
    client: &TestClient<'_>,
    mobile: &str,
    purpose: &str,
    response: Option<&str>,
) -> TestResponse {
    let (id, right) = client.solve_captcha().await;
    let captcha = response.unwrap_or(&right);
    let body =
        json!({ "mobile": mobile, "purpose": purpose, "captcha_id": id, "captcha": captcha });
    client.post_json("/api/v1/sms-codes", &body).await
}

#[tokio::test]
async fn a_timeline_says_why_no_code_came_and_what_was_typed_in() {
    on_each(async |server, url| {
        let (client, mobile) = (server.client(), fresh_mobile());
        for _ in 0..2 {
            assert_eq!(
                request_code(&client, &mobile, "register", Some("----")).await.errno(),
                "4004"
            );
        }
        client.register(&mobile).await;
        assert_eq!(request_code(&client, &mobile, "register", None).await.errno(), "4003");
        // The browser that has registered is known, and has a minute of its own.
        let unknown = server.client();
        assert_eq!(request_code(&unknown, &mobile, "login", None).await.errno(), "4201");
        let wrong = json!({ "mobile": mobile, "sms_code": "000000" });
        client.post_json("/api/v1/session", &wrong).await;
        let stranger = fresh_mobile();
        request_code(&client, &stranger, "reset", None).await;
        server.wait_for_background_tasks().await;

        let seen = timeline(url, &mobile, &[]);
        let full = timeline(url, &mobile, &["--full"]);
        let unknown = timeline(url, &stranger, &[]);

        for part in [
            "has an account",
            "the captcha was answered wrongly, 2 times since",
            "register  typed in right",
            "register  refused: the number is registered already",
            "login  refused: asked again too soon",
            "login  typed in after it had expired",
        ] {
            assert!(seen.contains(part), "{part}: {seen}");
        }
        assert!(!seen.contains(&mobile) && !seen.contains("127.0.0.1"), "{seen}");
        assert!(full.contains(&mobile) && full.contains("127.0.0.1"), "{full}");
        assert!(unknown.contains("no account") && unknown.contains("reset  not sent"), "{unknown}");
        let place = |text: &str| seen.find(text).expect(text);
        assert!(place("typed in right") < place("answered wrongly"), "the newest first: {seen}");
        let export = run_haoma(url, &["user", "export", &mobile]);
        assert!(export.stdout.contains("\"event\": \"typed-right\""), "{export:?}");
    })
    .await;
}

#[tokio::test]
async fn a_hundred_refused_requests_are_one_row_of_the_timeline() {
    on_each(async |server, url| {
        let (client, mobile) = (server.client(), fresh_mobile());
        let wrong = json!({ "mobile": mobile, "sms_code": "000000" });
        let tries = (0..30).map(|_| client.post_json("/api/v1/session", &wrong));
        futures_util::future::join_all(tries).await;
        server.wait_for_background_tasks().await;

        let seen = timeline(url, &mobile, &[]);

        assert_eq!(seen.lines().count(), 2, "{seen}");
        assert!(seen.contains(", 30 times since"), "{seen}");
    })
    .await;
}
