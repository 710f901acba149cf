//! Errors that prevent a start: each is one line, and no file is left.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
};

use futures_util::join;
use haoma::sms::client;
use tempfile::TempDir;
use test_support::{
    databases::{TestDatabase, mysql_server, redis_server},
    fake_vendor::UNREACHABLE_URL,
    processes::{Process, free_port},
    sms_gateway,
};

use super::process::{Run, Server, run, run_in};

/// Checks that the run failed with exactly this one error.
#[track_caller]
fn assert_said_once(refused: &Run, part: &str) {
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert_eq!(refused.stderr.matches(part).count(), 1, "{part}: {refused:?}");
    assert!(refused.stderr.contains(" ERROR event=start_failed error="), "{refused:?}");
    assert!(!refused.stderr.contains("haoma: "), "{refused:?}");
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).expect("a folder").next().is_none()
}

#[tokio::test]
async fn a_refused_start_leaves_no_files() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = listener.local_addr().expect("bound").to_string();
    let bind = ("BIND", "127.0.0.1:0");
    let templates = TempDir::new().expect("a folder");
    fs::write(templates.path().join("login.html"), "{{ nonsense").expect("a file");
    let templates_path = templates.path().display().to_string();
    for (settings, part) in [
        (vec![("BIND", &*taken)], format!("BIND: cannot listen on {taken}: ")),
        (
            vec![bind, ("METRICS_BIND", &*taken)],
            format!("METRICS_BIND: cannot listen on {taken}: "),
        ),
        (vec![bind, ("TEMPLATES_DIR", &*templates_path)], "TEMPLATES_DIR".to_owned()),
        (vec![bind, ("SMS_CODE_TRIES", "99")], "SMS_CODE_TRIES".to_owned()),
    ] {
        let folder = TempDir::new().expect("a folder");

        let refused = run_in(folder.path(), &["serve"], &settings).await;

        assert_said_once(&refused, &part);
        assert!(is_empty(folder.path()), "{part}");
    }
}

#[tokio::test]
async fn a_store_that_refuses_the_login_is_not_waited_for_and_leaves_no_files() {
    let (Some(server), Some(redis)) = (mysql_server(), redis_server()) else { return };
    let (nobody, bind) = (server.replace("root@", "nobody:hush@"), ("BIND", "127.0.0.1:0"));
    let key = ("SECRET_KEY", "0123456789abcdef0123456789abcdef");
    let mysql = [bind, key, ("SMS_PROVIDERS", "console")];
    let wrong_redis = redis.replace("://", "://nobody:hush@");
    let (wrong, missing) = (format!("{nobody}/haoma"), format!("{server}/nowhere"));
    for (settings, part) in [
        (vec![bind, ("REDIS_URL", &*wrong_redis)], "REDIS_URL: Redis at 127.0.0.1:"),
        ([&mysql[..], &[("DATABASE_URL", &*wrong)]].concat(), "DATABASE_URL: MySQL at 127.0.0.1:"),
        (
            [&mysql[..], &[("DATABASE_URL", &*missing)]].concat(),
            "DATABASE_URL: MySQL at 127.0.0.1:",
        ),
    ] {
        let folder = TempDir::new().expect("a folder");

        let refused = run_in(folder.path(), &["serve"], &settings).await;

        assert_said_once(&refused, part);
        assert!(!refused.stderr.contains("waiting_for_store"), "{refused:?}");
        assert!(!refused.stderr.contains("hush"), "{refused:?}");
        assert!(is_empty(folder.path()), "{part}");
    }
}

/// This takes as long as a start waits for a store.
#[tokio::test]
async fn a_store_that_never_starts_ends_the_wait() {
    let key = ("SECRET_KEY", "0123456789abcdef0123456789abcdef");
    let redis = [("REDIS_URL", "redis://haoma:hush@127.0.0.1:1/0"), ("BIND", "127.0.0.1:0")];
    let mysql = [
        ("DATABASE_URL", "mysql://haoma:hush@127.0.0.1:1/haoma"),
        ("BIND", "127.0.0.1:0"),
        key,
        ("SMS_PROVIDERS", "console"),
    ];

    let (redis, mysql) = join!(run(&["serve"], &redis), run(&["serve"], &mysql));

    for (refused, part) in [
        (redis, "REDIS_URL: Redis at 127.0.0.1:1 cannot be reached"),
        (mysql, "DATABASE_URL: MySQL at 127.0.0.1:1 cannot be reached"),
    ] {
        assert_eq!(refused.code, Some(1), "{refused:?}");
        for line in
            ["WARN  event=waiting_for_store seconds=30 error=", "ERROR event=start_failed error="]
        {
            let whole = format!("{line}\"{part}");
            assert_eq!(refused.stderr.matches(&whole).count(), 1, "{whole}: {refused:?}");
        }
        assert!(refused.stderr.contains("the start has waited for 30 s"), "{refused:?}");
        assert!(!refused.stderr.contains("hush"), "{refused:?}");
    }
}

/// When a machine boots, the order in which services start is not known.
#[tokio::test]
async fn a_store_that_comes_up_later_is_waited_for() {
    if redis_server().is_none() {
        return;
    }
    let (port, folder) = (free_port(), TempDir::new().expect("a folder"));
    let url = format!("redis://127.0.0.1:{port}/0");
    let path = folder.path().to_owned();
    let starting =
        tokio::task::spawn_blocking(move || Server::start(&path, &[("REDIS_URL", &url)]));
    // A test cannot see that the server is waiting. If Redis starts faster, the server has nothing to wait for and the
    // test still passes.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let _redis = Process::redis_with(port, &format!("--port {port}")).await;

    let (code, log) = starting.await.expect("it starts").terminate();

    assert_eq!(code, Some(0), "{log}");
    let waited = log.contains("event=waiting_for_store") && log.contains("event=waited_for_store");
    assert!(waited && log.matches("event=waiting_for_store").count() == 1, "{log}");
}

/// A start warns of everything that `haoma doctor` reports as wrong, in the same words.
#[tokio::test]
async fn a_start_warns_of_the_findings_of_doctor() {
    if redis_server().is_none() {
        return;
    }
    let port = free_port();
    let evicting = format!("--port {port} --maxmemory-policy allkeys-lru");
    let redis = Process::redis_with(port, &evicting).await;
    let url = format!("redis://127.0.0.1:{}/0", redis.port());
    let settings = [("REDIS_URL", &*url), ("PUBLIC_URL", "https://id.example.com")];
    let folder = TempDir::new().expect("a folder");

    let doctor = run_in(folder.path(), &["doctor"], &settings).await;
    let (_, log) = Server::start(folder.path(), &settings).terminate();

    assert_eq!(doctor.code, Some(1), "{doctor:?}");
    for part in [
        "redis: maxmemory-policy is allkeys-lru, which drops",
        "TRUSTED_PROXIES: is not set, though",
        "SMS_PROVIDERS: `console` prints codes",
    ] {
        assert!(doctor.says(&format!("WRONG    {part}")), "{part}: {doctor:?}");
        assert!(
            log.contains(&format!("WARN  event=setup_wrong finding=\"{part}")),
            "{part}: {log}"
        );
    }
    assert!(doctor.says("ok       PUBLIC_URL: people type https://id.example.com"), "{doctor:?}");
}

#[tokio::test]
async fn a_public_http_url_on_mysql_is_warned_of() {
    let Some(server) = mysql_server() else { return };
    let database = TestDatabase::create(server);
    let url = database.url();
    let settings = [
        ("DATABASE_URL", &*url),
        ("SECRET_KEY", "0123456789abcdef0123456789abcdef"),
        ("SMS_PROVIDERS", "webhook"),
        ("SMS_WEBHOOK_URL", UNREACHABLE_URL),
        ("SMS_WEBHOOK_SECRET", sms_gateway::SECRET),
        ("PUBLIC_URL", "http://id.example.com"),
    ];
    let folder = TempDir::new().expect("a folder");
    run_in(folder.path(), &["migrate"], &settings).await;

    let doctor = run_in(folder.path(), &["doctor"], &settings).await;
    let (_, log) = Server::start(folder.path(), &settings).terminate();

    assert!(
        doctor.says("WRONG    PUBLIC_URL: http://id.example.com is not encrypted"),
        "{doctor:?}"
    );
    assert!(doctor.says("ok       database: takes writes"), "{doctor:?}");
    assert!(
        log.contains("WARN  event=setup_wrong finding=\"PUBLIC_URL: http://id.example.com"),
        "{log}"
    );
}

#[tokio::test]
async fn a_redis_replica_is_refused() {
    if redis_server().is_none() {
        return;
    }
    let master = Process::redis().await;
    let port = free_port();
    let arguments = format!("--port {port} --replicaof 127.0.0.1 {}", master.port());
    let replica = Process::redis_with(port, &arguments).await;
    let url = format!("redis://127.0.0.1:{}/0", replica.port());

    let settings = [("REDIS_URL", &*url), ("BIND", "127.0.0.1:0")];
    assert_said_once(&run(&["serve"], &settings).await, "is a replica, which takes no writes");
    assert!(run(&["doctor"], &settings).await.says("WRONG    redis: REDIS_URL: "));
}

/// Ways to make the database read-only even for root: a read-only file system below the data, or the mode of the file.
const READ_ONLY: [&str; 2] = [
    "mount --bind data data && mount -o remount,bind,ro data && exec \"$0\" \"$@\"",
    "chmod 0444 data/haoma.db && exec setpriv --bounding-set=-dac_override \"$0\" \"$@\"",
];

fn run_read_only(way: &str, folder: &Path, argument: &str) -> Run {
    let mut unshared = Command::new("unshare");
    unshared.args(["--mount", "--map-root-user", "sh", "-c", way]);
    unshared.args([env!("CARGO_BIN_EXE_haoma"), argument]).current_dir(folder);
    unshared.env("BIND", "127.0.0.1:0").stdin(Stdio::null());
    let output = unshared.output().expect("unshare");
    let text = |bytes| String::from_utf8(bytes).expect("a text");
    Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[tokio::test]
async fn a_file_that_cannot_be_written_stops_the_start_with_its_path() {
    for way in READ_ONLY {
        let folder = TempDir::new().expect("a folder");
        assert_eq!(Server::start(folder.path(), &[]).terminate().0, Some(0));
        let file = folder.path().join("data/haoma.db").display().to_string();

        let start = run_read_only(way, folder.path(), "serve");
        let doctor = run_read_only(way, folder.path(), "doctor");

        assert_said_once(&start, &format!("DATABASE_URL: the SQLite file {file} "));
        assert!(start.stderr.contains("allowed to write the file and its folder"), "{start:?}");
        assert_eq!(doctor.code, Some(1), "{doctor:?}");
        assert!(doctor.says("WRONG    database: DATABASE_URL: the SQLite file "), "{doctor:?}");
        assert!(doctor.says(&file), "{doctor:?}");
    }
}

/// Clients behind an untrusted proxy all share the address of the proxy.
#[tokio::test]
async fn an_untrusted_proxy_is_logged_once_a_minute() {
    let client = client::build().expect("a client");
    for (proxies, times) in [(None, 1), (Some(("TRUSTED_PROXIES", "127.0.0.1")), 0)] {
        let folder = TempDir::new().expect("a folder");
        let server = Server::start(folder.path(), &Vec::from_iter(proxies));
        for _ in 0..3 {
            let request = client.get(format!("{}/login", server.base));
            let response = request.header("x-forwarded-for", "203.0.113.9").send().await;
            assert!(response.expect("an answer").status().is_success());
        }

        let (_, log) = server.terminate();

        let line = "WARN  event=forwarded_for_ignored peer=127.0.0.1 setting=TRUSTED_PROXIES";
        assert_eq!(log.matches(line).count(), times, "{log}");
    }
}
