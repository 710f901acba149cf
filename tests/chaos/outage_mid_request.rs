//! A store fails in the middle of a request: the real store is stopped at exactly that moment.

use std::{sync::mpsc, thread, time::Duration};

use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use futures_util::{future::join_all, join};
use mysql_async::prelude::Queryable as _;
use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::{Value, json};
use tempfile::TempDir;
use test_support::{
    app::{PASSWORD, TestApp, assert_recovers, fresh_mobile},
    client::{TestClient, TestResponse},
    databases::{execute, mysql_server, redis_query, redis_server, sqlite_url},
    interface::{Interface, assert_has_retry_after, interfaces, own_interfaces},
    logs,
    metrics::Scrape,
    processes::Process,
    sms_codes::code,
};
use tokio::time::{sleep, timeout};

const NEW_PASSWORD: &str = "battery staple 8";
const SETTINGS: [(&str, &str); 1] = [("METRICS_BIND", "127.0.0.1:0")];

/// A database whose writes the test can block.
enum Database {
    Sqlite { url: String, _folder: TempDir },
    Mysql { server: String, _process: Process },
}

/// Blocks writes until it is dropped. Reads still work.
struct WriteBlock {
    release: mpsc::Sender<()>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Database {
    fn url(&self) -> String {
        match self {
            Self::Sqlite { url, .. } => url.clone(),
            Self::Mysql { server, .. } => format!("{server}/haoma"),
        }
    }

    /// Blocks writes from another connection.
    fn block_writes(&self) -> WriteBlock {
        let (release, released) = mpsc::channel();
        let (ready, is_ready) = mpsc::channel();
        let thread = match self {
            Self::Sqlite { url, .. } => {
                let file = url.trim_start_matches("sqlite://").to_owned();
                thread::spawn(move || {
                    let mut connection = SqliteConnection::establish(&file).expect("opens");
                    connection.batch_execute("BEGIN IMMEDIATE").expect("locks");
                    ready.send(()).expect("a receiver");
                    released.recv().expect("is released");
                    connection.batch_execute("ROLLBACK").expect("unlocks");
                })
            }
            Self::Mysql { server, .. } => {
                let server = server.clone();
                thread::spawn(move || {
                    let work = async {
                        let mut connection =
                            mysql_async::Conn::from_url(server).await.expect("a server");
                        let lock = "FLUSH TABLES WITH READ LOCK";
                        connection.query_drop(lock).await.expect("locks");
                        ready.send(()).expect("a receiver");
                        released.recv().expect("is released");
                        connection.query_drop("UNLOCK TABLES").await.expect("unlocks");
                    };
                    let runtime =
                        tokio::runtime::Builder::new_current_thread().enable_all().build();
                    runtime.expect("a runtime").block_on(work);
                })
            }
        };
        is_ready.recv().expect("locks");
        WriteBlock { release, thread: Some(thread) }
    }
}

impl Drop for WriteBlock {
    fn drop(&mut self) {
        if self.release.send(()).is_ok()
            && let Some(thread) = self.thread.take()
        {
            thread.join().expect("unlocks");
        }
    }
}

/// Runs a test on SQLite and on MySQL, each with a Redis of the test's own.
async fn on_each_site(test: impl AsyncFn(&TestApp, &Database, &mut Process)) {
    if redis_server().is_none() || mysql_server().is_none() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let sqlite = Database::Sqlite { url: sqlite_url(&folder), _folder: folder };
    let process = Process::mariadb().await;
    let server = process.mysql_root();
    execute(server.clone(), "CREATE DATABASE haoma".to_owned());
    for database in [sqlite, Database::Mysql { _process: process, server }] {
        let mut redis = Process::redis().await;
        let stores = [("DATABASE_URL", database.url()), ("REDIS_URL", url_of(&redis))];
        let app = TestApp::start(&stores, &SETTINGS).await;
        test(&app, &database, &mut redis).await;
        app.stop().await;
    }
}

fn url_of(redis: &Process) -> String {
    format!("redis://127.0.0.1:{}/0", redis.port())
}

/// Runs a request until it has consumed its code, stops Redis, and lets the request continue.
///
/// The log shows when the code is consumed: a Redis that is killed as soon as the key is gone may not have answered
/// yet.
async fn without_redis_after_the_code(
    (database, redis): (&Database, &mut Process),
    key: &str,
    (turn, mobile): (&logs::Turn, &str),
    request: impl Future<Output = TestResponse>,
) -> TestResponse {
    let (held, url) = (database.block_writes(), url_of(redis));
    assert_eq!(redis_query::<i64>(&url, &["EXISTS", key]).await, 1, "there is a code");
    let taken_away = async {
        let accepted = format!("event=sms_code_right mobile={}", masked(mobile));
        let used_up = async {
            while !turn.lines().iter().any(|line| line.contains(&accepted)) {
                sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(Duration::from_secs(20), used_up).await.expect("the code is used up");
        assert_eq!(redis_query::<i64>(&url, &["EXISTS", key]).await, 0, "the code is used up");
        redis.kill();
        drop(held);
    };
    let (answer, ()) = join!(request, taken_away);
    answer
}

/// Starts Redis again, empty.
async fn restart_redis(app: &TestApp, redis: &mut Process) {
    redis.start().await;
    assert_recovers(app).await;
}

async fn change(client: &TestClient<'_>, method: Method, path: &str, body: Value) -> TestResponse {
    let request = client.request(method, path).header(CONTENT_TYPE, "application/json");
    client.send(request.body(body.to_string())).await
}

#[track_caller]
fn assert_success(interface: Interface, response: &TestResponse) {
    let done = if interface == Interface::Page { 303 } else { 200 };
    assert_eq!(response.status.as_u16(), done, "{interface:?} {response:?}");
}

#[track_caller]
fn assert_logged(lines: &[String], event: &str) {
    assert!(lines.iter().any(|line| line.contains(event)), "{event} in {lines:?}");
}

#[tokio::test]
async fn an_account_that_is_deleted_while_redis_is_away_is_answered_as_deleted() {
    on_each_site(async |app, _, redis| {
        for interface in own_interfaces() {
            let mobile = fresh_mobile();
            let client = app.client().signed_in(&mobile).await;
            redis.kill();
            let turn = logs::capture().await;

            let gone = if interface == Interface::Page {
                client.post_form("/account/delete", &[("password", PASSWORD)]).await
            } else {
                change(&client, Method::DELETE, "/api/v1/user", json!({ "password": PASSWORD }))
                    .await
            };

            let lines = logs::captured(turn);
            assert_success(interface, &gone);
            assert_logged(&lines, "event=account_deleted");
            assert_logged(&lines, "event=codes_not_revoked");
            let again = Interface::Json.sign_in(&app.client(), &mobile, PASSWORD).await;
            assert_eq!(again.errno(), "4102", "{again:?}");
            restart_redis(app, redis).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_number_that_is_changed_while_redis_goes_away_is_answered_as_changed() {
    on_each_site(async |app, database, redis| {
        for interface in own_interfaces() {
            let (old, new) = (fresh_mobile(), fresh_mobile());
            let client = app.client().signed_in(&old).await;
            let sms_code = code(&client, &new, "rebind").await;
            let id = client.get("/api/v1/session").await.json()["data"]["id"].clone();
            let fields = [("mobile", &*new), ("sms_code", &*sms_code), ("password", PASSWORD)];
            let request = async {
                if interface == Interface::Page {
                    client
                        .post_form("/account/mobile", &[&fields[..], &[("step", "save")]].concat())
                        .await
                } else {
                    let body = Value::from_iter(fields);
                    change(&client, Method::PUT, "/api/v1/user/mobile", body).await
                }
            };
            let turn = logs::capture().await;

            let key = format!("haoma:sms:{{{new}}}:rebind:{id}");
            let moved =
                without_redis_after_the_code((database, redis), &key, (&turn, &new), request).await;

            let lines = logs::captured(turn);
            assert_success(interface, &moved);
            assert_logged(&lines, "event=mobile_changed");
            assert_logged(&lines, "event=codes_not_revoked");
            restart_redis(app, redis).await;
            let entered = Interface::Json.sign_in(&app.client(), &new, PASSWORD).await;
            Interface::Json.assert_success(&entered, 200);
        }
    })
    .await;
}

#[tokio::test]
async fn a_password_that_is_reset_while_redis_goes_away_is_answered_as_reset() {
    on_each_site(async |app, database, redis| {
        for interface in own_interfaces() {
            let mobile = fresh_mobile();
            app.client().register(&mobile).await;
            app.skip_resend_wait().await;
            let client = app.client();
            let sms_code = code(&client, &mobile, "reset").await;
            let fields =
                [("mobile", &*mobile), ("sms_code", &*sms_code), ("password", NEW_PASSWORD)];
            let request = async {
                if interface == Interface::Page {
                    client.post_form("/reset-password", &fields).await
                } else {
                    client.post_json("/api/v1/password-resets", &Value::from_iter(fields)).await
                }
            };
            let turn = logs::capture().await;

            let key = format!("haoma:sms:{{{mobile}}}:reset");
            let reset =
                without_redis_after_the_code((database, redis), &key, (&turn, &mobile), request)
                    .await;

            let lines = logs::captured(turn);
            assert_success(interface, &reset);
            assert_logged(&lines, "event=password_reset");
            assert_logged(&lines, "event=codes_not_revoked");
            app.wait_for_background_tasks().await;
            restart_redis(app, redis).await;
            let entered = Interface::Json.sign_in(&app.client(), &mobile, NEW_PASSWORD).await;
            Interface::Json.assert_success(&entered, 200);
        }
    })
    .await;
}

/// Another program has locked the SQLite file, and the MySQL server is being backed up.
#[tokio::test]
async fn while_the_database_takes_no_writes_every_interface_says_when_to_retry() {
    on_each_site(async |app, database, _| {
        let known = fresh_mobile();
        app.client().register(&known).await;
        let mut asked = Vec::new();
        for interface in interfaces() {
            let (client, fresh) = (app.client(), fresh_mobile());
            interface.assert_success(&interface.request_code(&client, &fresh).await, 200);
            let code = app.gateway.code_for(&fresh);
            let (captcha, other) = (client.solve_captcha().await, fresh_mobile());
            asked.push((interface, client, fresh, code, captcha, other));
        }
        let held = database.block_writes();

        let answers =
            asked.iter().map(async |(interface, client, fresh, code, (id, answer), other)| {
                let answers = join!(
                    interface.sign_in(client, &known, PASSWORD),
                    interface.register(client, fresh, code, PASSWORD),
                    interface.request_code_with(client, other, (id, answer)),
                );
                (*interface, <[TestResponse; 3]>::from(answers))
            });
        let answers = join_all(answers).await;
        drop(held);

        for (interface, answers) in answers {
            for answer in answers {
                interface.assert_refused(&answer, (503, "4001"), "error-store", &[]);
                assert_has_retry_after(&answer);
            }
        }
        for (interface, client, fresh, code, ..) in &asked {
            interface.assert_success(&interface.register(client, fresh, code, PASSWORD).await, 201);
        }
    })
    .await;
}

/// The failure comes after the answer, so only the operator can learn of it.
#[tokio::test]
async fn a_message_that_the_sms_log_cannot_record_is_logged_and_counted() {
    on_each_site(async |app, database, _| {
        let mobile = fresh_mobile();
        app.client().register(&mobile).await;
        for purpose in ["login", "reset"] {
            app.skip_resend_wait().await;
            let (client, texted) = (app.client(), app.gateway.messages().len());
            let (captcha_id, captcha) = client.solve_captcha().await;
            let turn = logs::capture().await;
            let held = database.block_writes();

            let body = json!({
                "mobile": mobile, "purpose": purpose, "captcha_id": captcha_id, "captcha": captcha,
            });
            let asked = client.post_json("/api/v1/sms-codes", &body).await;
            app.wait_for_background_tasks().await;
            drop(held);

            let lines = logs::captured(turn);
            Interface::Json.assert_success(&asked, 200);
            assert_eq!(app.gateway.messages().len(), texted, "nothing was sent");
            let mobile_of_log = masked(&mobile);
            assert_logged(
                &lines,
                &format!("event=sms_not_sent mobile={mobile_of_log} purpose={purpose} error="),
            );
            let sample =
                format!("haoma_sms_not_sent_total{{purpose=\"{purpose}\",reason=\"store\"}}");
            Scrape::of(app).await.assert(&sample, 1.0);
            // A write that timed out may still have been executed when the block ended; then the number has to wait.
            app.skip_resend_wait().await;
            code(&client, &mobile, purpose).await;
            assert_eq!(app.gateway.messages().len(), texted + 1, "the next one goes out");
        }
    })
    .await;
}

fn masked(mobile: &str) -> String {
    format!("{}****{}", &mobile[..3], &mobile[7..])
}
