//! What the commands report about a good and a wrong configuration.

use std::fs;

use tempfile::TempDir;
use test_support::{
    databases::{TestDatabase, execute, mysql_server, redis_server},
    fake_vendor::UNREACHABLE_URL,
    processes::Process,
    sms_gateway::{self, Gateway},
    vendor_accounts::{ACCOUNTS, NOTICES},
};

use super::process::{Run, run, run_in};

#[tokio::test]
async fn help_and_version_are_printed() {
    let (help, version) = (run(&["--help"], &[]).await, run(&["--version"], &[]).await);

    assert_eq!((help.code, version.code), (Some(0), Some(0)));
    for word in ["serve", "migrate", "doctor", "sms", ".env.example"] {
        assert!(help.says(word), "{word}: {help:?}");
    }
    assert_eq!(version.stdout, format!("haoma {}\n", env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn an_unknown_command_is_refused_with_usage() {
    let refused = run(&["doktor"], &[]).await;

    assert_ne!(refused.code, Some(0));
    assert!(refused.stderr.contains("doktor") && refused.stderr.contains("Usage"), "{refused:?}");
}

#[tokio::test]
async fn doctor_finds_nothing_wrong_without_any_setting() {
    let healthy = run(&["doctor"], &[]).await;

    assert_eq!(healthy.code, Some(0), "{healthy:?}");
    for line in ["ok       settings", "ok       database", "ok       codes and limits: in memory"] {
        assert!(healthy.says(line), "{line}: {healthy:?}");
    }
    assert!(!healthy.says("WRONG"), "{healthy:?}");
}

/// R76.
#[tokio::test]
async fn doctor_names_vendors_without_a_notice_template() {
    let base_urls =
        ["SMS_TENCENT_BASE_URL", "SMS_ALIYUN_BASE_URL"].map(|name| (name, UNREACHABLE_URL));
    let own = [("SMS_PROVIDERS", "tencent,aliyun"), NOTICES[2]];
    let settings: Vec<_> = ACCOUNTS.into_iter().chain(base_urls).chain(own).collect();

    let report = run(&["doctor"], &settings).await;

    assert!(report.says("note     tencent: "), "{report:?}");
    assert!(report.says("SMS_TENCENT_NOTICE_TEMPLATE_ID is not set"), "{report:?}");
    assert!(!report.says("note     aliyun: "), "{report:?}");
}

#[tokio::test]
async fn doctor_names_the_papers_that_each_provider_needs() {
    for (name, papers) in [
        ("tencent", "a signature with its proofs and a template"),
        ("aliyun_pnvs", "signature and template are lent by Aliyun"),
        ("twilio", "an account that is no trial"),
    ] {
        let base_url = format!("SMS_{}_BASE_URL", name.to_uppercase());
        let own = [("SMS_PROVIDERS", name), (&base_url, UNREACHABLE_URL)];
        let settings: Vec<_> = ACCOUNTS.into_iter().chain(own).collect();

        let report = run(&["doctor"], &settings).await;

        assert!(report.says(&format!("note     papers for {name}: ")), "{report:?}");
        assert!(report.says(papers), "{report:?}");
    }
}

/// `haoma doctor` reports the errors and notes of the start, in the same words.
#[tokio::test]
async fn doctor_reports_templates_and_colours_like_the_start() {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("login.html"), "<p>\n<form>").expect("written");
    let templates = folder.path().display().to_string();
    let settings = [("TEMPLATES_DIR", templates.as_str()), ("BRAND_COLOR", "#07c160")];

    let doctor = run(&["doctor"], &settings).await;
    let start = run(&["serve"], &settings).await;

    let error = "TEMPLATES_DIR: login.html:2: there is no form that is posted to /login";
    assert_eq!((doctor.code, start.code), (Some(1), Some(1)), "{doctor:?} {start:?}");
    assert!(doctor.says(&format!("WRONG    settings: {error}\n")), "{doctor:?}");
    assert!(start.stderr.contains(error), "{start:?}");
    let noted = "BRAND_COLOR is #07c160: white text on it would have a contrast of 2.4";
    assert!(doctor.says(&format!("note     {noted}")), "{doctor:?}");
    // It prints the note first, and then fails because the folder of the database does not exist.
    let settings = [
        ("BIND", "127.0.0.1:0"),
        ("BRAND_COLOR", "#07c160"),
        ("DATABASE_URL", "sqlite:///proc/nowhere/haoma.db"),
        ("SECRET_KEY", "0123456789abcdef0123456789abcdef"),
    ];
    let start = run(&["serve"], &settings).await;
    let line = format!(" INFO  event=brand_color setting=BRAND_COLOR text=\"{noted}");
    assert!(start.code == Some(1) && start.stderr.contains(&line), "{start:?}");
}

/// Codes in memory are lost at a restart, which may surprise an operator.
#[tokio::test]
async fn doctor_notes_codes_in_memory_with_a_real_provider() {
    let base_urls =
        ["SMS_TENCENT_BASE_URL", "SMS_ALIYUN_BASE_URL"].map(|name| (name, UNREACHABLE_URL));
    let own = [("SMS_PROVIDERS", "tencent")];
    let settings: Vec<_> = ACCOUNTS.into_iter().chain(base_urls).chain(own).collect();

    let report = run(&["doctor"], &settings).await;

    assert!(
        report.says("note     REDIS_URL is not set: captchas, codes and limits live in"),
        "{report:?}"
    );
}

#[tokio::test]
async fn every_mistake_in_the_settings_is_named_at_once_and_none_is_quoted() {
    let settings = [
        ("BIND", "nowhere-hush"),
        ("DATABASE_URL", "postgres://u:hush@h/d"),
        ("REDIS_URL", "hush"),
        ("SECRET_KEY", "hush"),
        ("SMS_CODE_TRIES", "99"),
        ("SMS_PROVIDERS", "tencent,pigeon"),
        ("PASSWORD_ITERATIONS", "1"),
    ];
    for arguments in [vec![], vec!["serve"], vec!["doctor"]] {
        let refused = run(&arguments, &settings).await;

        assert_eq!(refused.code, Some(1), "{refused:?}");
        // R104: the output of a server is its log, with one line for each error.
        let is_server = !arguments.contains(&"doctor");
        let before = if is_server { " ERROR event=start_failed error=\"" } else { "\n  " };
        for (name, _) in settings {
            let count = refused.stderr.matches(&format!("{before}{name} ")).count();
            assert_eq!(count, 1, "{name}: {refused:?}");
        }
        for name in ["SMS_TENCENT_SECRET_ID", "SMS_TENCENT_TEMPLATE_ID"] {
            assert!(refused.stderr.contains(&format!("{before}{name} is not set")), "{refused:?}");
        }
        assert_eq!(refused.stderr.contains("haoma: "), !is_server, "{refused:?}");
        assert!(!refused.stderr.contains("hush"), "{refused:?}");
        assert_eq!(refused.stdout, "");
    }
}

/// Checks that the error names the store by its address and never contains its password.
fn tells_without_password(refused: &Run, line: &str) {
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.says(line), "{line}: {refused:?}");
    assert!(!format!("{refused:?}").contains("hush"), "{refused:?}");
}

const MYSQL: [(&str, &str); 4] = [
    ("DATABASE_URL", "mysql://haoma:hush@127.0.0.1:1/haoma"),
    ("SECRET_KEY", "0123456789abcdef0123456789abcdef"),
    ("SMS_PROVIDERS", "console"),
    ("RUST_LOG", "trace"),
];

#[tokio::test]
async fn doctor_reports_a_store_that_does_not_answer() {
    let redis = [("REDIS_URL", "redis://haoma:hush@127.0.0.1:1/0"), ("RUST_LOG", "trace")];

    tells_without_password(&run(&["doctor"], &redis).await, "WRONG    redis: ");
    tells_without_password(&run(&["doctor"], &MYSQL).await, "WRONG    database: ");
}

#[tokio::test]
async fn doctor_reports_whether_the_gateway_answers() {
    let gateway = Gateway::start();
    for (url, line) in [
        (
            &*gateway.url,
            format!("ok       webhook: {} answers", gateway.url.trim_end_matches("/sms")),
        ),
        (UNREACHABLE_URL, format!("WRONG    webhook: {UNREACHABLE_URL} does not answer")),
    ] {
        let settings = [
            ("SMS_PROVIDERS", "webhook"),
            ("SMS_WEBHOOK_URL", url),
            ("SMS_WEBHOOK_SECRET", sms_gateway::SECRET),
        ];
        let report = run(&["doctor"], &settings).await;

        assert!(report.says(&line), "{line}: {report:?}");
    }
    assert!(gateway.messages().is_empty());
    gateway.stop().await;
}

#[tokio::test]
async fn doctor_checks_mysql_and_redis() {
    let (Some(server), Some(redis)) = (mysql_server(), redis_server()) else { return };
    let database = TestDatabase::create(server);
    let url = database.url();
    let settings = [
        ("DATABASE_URL", url.as_str()),
        ("REDIS_URL", &redis),
        ("SECRET_KEY", "0123456789abcdef0123456789abcdef"),
        ("SMS_PROVIDERS", "console"),
    ];

    let before = run(&["doctor"], &settings).await;
    let start = run(&["serve"], &settings).await;
    let migrated = run(&["migrate"], &settings).await;
    let after = run(&["doctor"], &settings).await;

    assert_eq!((before.code, start.code), (Some(1), Some(1)), "{before:?} {start:?}");
    assert!(before.says("run `haoma migrate`"), "{before:?}");
    assert!(start.stderr.contains("run `haoma migrate`"), "{start:?}");
    assert_eq!(migrated.code, Some(0), "{migrated:?}");
    let lines = [
        "ok       database: is up to date",
        "ok       database: numbers are compared byte by byte",
        "ok       redis",
        ": version ",
    ];
    for line in lines {
        assert!(after.says(line), "{line}: {after:?}");
    }
}

/// R131.
#[tokio::test]
async fn doctor_reports_a_mysql_that_may_lose_commits() {
    if mysql_server().is_none() {
        return;
    }
    let careless =
        " --log-bin=log --sync-binlog=0 --innodb-flush-log-at-trx-commit=2 --max-connections=25";
    let server = Process::mariadb_with(careless).await;
    let root = server.mysql_root();
    execute(root.clone(), "CREATE DATABASE haoma".to_owned());
    let url = format!("{root}/haoma");
    let settings = [
        ("DATABASE_URL", url.as_str()),
        ("SECRET_KEY", "0123456789abcdef0123456789abcdef"),
        ("SMS_PROVIDERS", "console"),
    ];
    run(&["migrate"], &settings).await;

    let before = run(&["doctor"], &settings).await;
    let careful = "SET GLOBAL innodb_flush_log_at_trx_commit = 1, GLOBAL sync_binlog = 1, \
        GLOBAL max_connections = 26";
    execute(root, careful.to_owned());
    let after = run(&["doctor"], &settings).await;

    assert_eq!((before.code, after.code), (Some(1), Some(0)), "{before:?} {after:?}");
    let lost = "WRONG    database: innodb_flush_log_at_trx_commit is 2, sync_binlog is 0: ";
    for line in [lost, "WRONG    database: max_connections is 25: "] {
        assert!(before.says(line), "{line}: {before:?}");
    }
    assert!(after.says("ok       database: keeps what it has acknowledged"), "{after:?}");
    assert!(!after.says("max_connections"), "{after:?}");
}

#[tokio::test]
async fn migrating_twice_does_nothing_the_second_time() {
    let folder = TempDir::new().expect("a folder");
    let database = mysql_server().map(TestDatabase::create);
    let url = database.as_ref().map(TestDatabase::url);
    let mysql = url.as_deref().map(|url| vec![("DATABASE_URL", url)]);
    for settings in [Some(vec![]), mysql].into_iter().flatten() {
        let runs = [
            run_in(folder.path(), &["migrate"], &settings).await,
            run_in(folder.path(), &["migrate"], &settings).await,
        ];

        assert_eq!(runs.each_ref().map(|run| run.code), [Some(0), Some(0)], "{runs:?}");
        assert!(runs[0].stderr.contains("create_users"), "{runs:?}");
        assert!(runs[1].stderr.ends_with(": nothing to do\n"), "{runs:?}");
    }
}
