//! Settings from `.env`, from a named file and from the environment, and errors in them.

use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt as _};

use tempfile::TempDir;

use super::process::{Run, command, run_in};

const COMMANDS: [&[&str]; 4] = [&[], &["doctor"], &["migrate"], &["user", "show", "13800138000"]];

/// Runs every command in a folder with this file and with these settings, and checks that it fails and creates no
/// database.
async fn on_each_command(file: &[u8], settings: &[(&str, &str)], check: impl Fn(&Run)) {
    for arguments in COMMANDS {
        let folder = TempDir::new().expect("a folder");
        fs::write(folder.path().join(".env"), file).expect("written");

        let refused = run_in(folder.path(), arguments, settings).await;

        assert_eq!(refused.code, Some(1), "{arguments:?}: {refused:?}");
        assert!(!format!("{refused:?}").contains("hush"), "{refused:?}");
        assert!(!refused.stderr.contains("panic"), "{refused:?}");
        check(&refused);
        assert!(!folder.path().join("data/haoma.db").exists(), "{arguments:?}");
    }
}

#[tokio::test]
async fn a_line_that_cannot_be_read_stops_every_command_with_its_number() {
    let file = b"# Messages\nSMS_PROVIDERS=hush, aliyun\nBRAND_NAME=hush Bar\n\n\
        DATABASE_URL=mysql://haoma:hush$1@db.example/haoma\nBRAND_LOGO_URL=/\xff.svg\n\
        REDIS_URL=redis://hush/0   # Redis 6.2\nPUBLIC_URL='https://hush\nhush\n";
    on_each_command(file, &[], |refused| {
        for line in [
            "line 2 of .env sets SMS_PROVIDERS to a value with a blank in it: write SMS_PROVIDERS='…'",
            "line 3 of .env sets BRAND_NAME to a value with a blank in it",
            "line 5 of .env sets DATABASE_URL to a value with `$`, and nothing is substituted here",
            "line 6 of .env is not UTF-8",
            "line 7 of .env has a comment behind the value of REDIS_URL",
            "line 8 of .env opens a quotation mark in the value of PUBLIC_URL",
            "line 9 of .env is neither NAME=value nor a comment",
        ] {
            assert!(refused.stderr.contains(line), "{line}: {refused:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_misspelt_or_empty_setting_in_file_or_environment_stops_every_command() {
    let wrong = [("SMS_PROVIDER", "hush"), ("PASSWORD_MIN_LENGHT", "9"), ("REDIS_URL", "")];
    let file = wrong.map(|(name, value)| format!("{name}={value}\n")).concat();
    let check = |refused: &Run| {
        for line in [
            "SMS_PROVIDER is unknown; did you mean SMS_PROVIDERS?",
            "PASSWORD_MIN_LENGHT is unknown; did you mean PASSWORD_MIN_LENGTH?",
            "REDIS_URL is set and empty",
        ] {
            assert!(refused.stderr.contains(line), "{line}: {refused:?}");
        }
    };
    on_each_command(file.as_bytes(), &[], check).await;
    on_each_command(b"# nothing\n", &wrong, check).await;
}

#[tokio::test]
async fn the_env_file_is_read_literally_and_the_environment_overrides_it() {
    let folder = TempDir::new().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let local = "BRAND_COLOR=#07c160\nBRAND_NAME='A & $B'\nDATABASE_URL=sqlite://local.db\n";
    fs::write(at(".env"), local).expect("written");
    fs::write(at("other.env"), "DATABASE_URL=sqlite://other.db\n").expect("written");
    let database = ("DATABASE_URL", "sqlite://above.db");

    for (arguments, settings, expected) in [
        (vec!["migrate"], vec![], "local.db"),
        (vec!["migrate", "--env-file", "other.env"], vec![], "other.db"),
        (vec!["--env-file", "other.env", "migrate"], vec![], "other.db"),
        (vec!["migrate"], vec![database], "above.db"),
    ] {
        let run = run_in(folder.path(), &arguments, &settings).await;

        assert_eq!(run.code, Some(0), "{run:?}");
        fs::remove_file(at(expected)).unwrap_or_else(|_| panic!("no {expected}: {run:?}"));
        assert!(run.stderr.contains(" event=settings file=\""), "{run:?}");
    }
    let missing = run_in(folder.path(), &["doctor", "--env-file", "nowhere.env"], &[]).await;
    assert_eq!(missing.code, Some(1));
    assert!(missing.stderr.contains("\n  nowhere.env cannot be read"), "{missing:?}");
    let doctor = run_in(folder.path(), &["doctor"], &[]).await;
    assert!(doctor.says("ok       settings: can be used, those of .env among them"), "{doctor:?}");
}

#[tokio::test]
async fn only_settings_are_reported_for_not_being_utf_8() {
    let folder = TempDir::new().expect("a folder");
    let odd = OsStr::from_bytes(b"\xff\xfe");
    for arguments in COMMANDS {
        let mut of_ours = command(folder.path(), arguments, &[]);
        let output = of_ours.env("BRAND_NAME", odd).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();

        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("BRAND_NAME is not UTF-8"), "{said}");
    }
    let mut of_others = command(folder.path(), &["migrate"], &[]);
    let output = of_others.env("LESSOPEN", odd).env(odd, "1").output().expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

/// The logger library itself reads only the environment.
#[tokio::test]
async fn the_env_file_may_set_the_log_level() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join(".env");
    fs::write(&path, "RUST_LOG=off\n").expect("written");
    let silent = run_in(folder.path(), &["migrate"], &[]).await;
    fs::write(&path, "RUST_LOG=inof\n").expect("written");
    let refused = run_in(folder.path(), &["migrate"], &[]).await;

    assert!(silent.stderr.starts_with("haoma: migrated"), "{silent:?}");
    assert!(refused.stderr.contains("\n  RUST_LOG is not a level"), "{refused:?}");
}
