//! Mobile numbers as operators paste them, from a spreadsheet or a chat.

use tempfile::TempDir;
use test_support::{
    cli::{import, run_haoma},
    databases::sqlite_url,
};

const HASH: &str = "pbkdf2_sha256$1000$aSaltOfDjango2$n5TdzFMRooCKetPHuiz6G2nQlrYPbLrU18bewS4rYC4=";

#[tokio::test]
async fn commands_and_import_read_every_spelling_of_a_number() {
    let folder = TempDir::new().expect("a folder");
    let url = sqlite_url(&folder);
    let csv = format!("mobile,password_hash\n\u{202d}１３９ 0000 0001\u{202c},{HASH}\n");
    assert!(run_haoma(&url, &["migrate"]).is_success);

    let imported = import(&url, csv);

    assert!(imported.is_success, "{imported:?}");
    for number in ["13900000001", "(+86) 139-0000.0001", "\u{202d}139\u{a0}0000\u{a0}0001\u{202c}"]
    {
        for command in [&["user", "show"][..], &["user", "lock"], &["sms", "timeline"]] {
            let shown = run_haoma(&url, &[command, &[number]].concat());
            assert!(shown.is_success, "{number:?} {shown:?}");
            assert!(shown.stdout.contains("139****0001"), "{number:?} {shown:?}");
        }
    }
}
