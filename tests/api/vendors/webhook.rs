//! The operator's own gateway as `docs/sms.md` describes it; the tests run the examples of that page.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use haoma::{
    domain::sms_message::{Notice, SmsPurpose},
    sms::{
        AnswerClass, SmsProvider as _, client,
        webhook::{Webhook, WebhookSecret},
    },
};
use serde_json::{Value, json};
use tempfile::TempDir;
use test_support::{
    fake_vendor::{FakeVendor, Reply, SeenRequest, UNREACHABLE_URL},
    sms_gateway::SECRET,
};

use super::{message, sms};

/// Returns the first code block of this language in `docs/sms.md`.
fn block(language: &str) -> String {
    let (_, block) = guide_after(&format!("```{language}\n"));
    block.split_once("```").expect("its end").0.to_owned()
}

fn guide_after(text: &str) -> (String, String) {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/sms.md");
    let guide = fs::read_to_string(guide).expect("docs/sms.md");
    let (before, after) = guide.split_once(text).expect("the part of docs/sms.md");
    (before.to_owned(), after.to_owned())
}

fn webhook(url: &str) -> Webhook {
    let secret = WebhookSecret::parse(SECRET).expect("a secret");
    Webhook::new(client::build().expect("a client"), url.parse().expect("a URL"), secret)
}

/// Sends a message, which is accepted, and returns the request.
async fn request() -> SeenRequest {
    let fake = FakeVendor::start(Reply::Now(204, String::new()));
    assert_eq!(webhook(&fake.url).send(&message()).await.class, AnswerClass::Sent);
    fake.stop().await.remove(0)
}

/// Runs a program with this input and returns its output.
fn output_of(mut command: Command, input: &Value) -> String {
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.expect("starts");
    let mut to_child = child.stdin.take().expect("its input");
    to_child.write_all(input.to_string().as_bytes()).expect("written");
    drop(to_child);
    let output = child.wait_with_output().expect("ends");
    assert!(output.status.success(), "it failed");
    String::from_utf8(output.stdout).expect("a text").trim().to_owned()
}

/// Writes the two examples into a folder, and returns the commands that run them on requests.
fn programs(folder: &Path) -> [(&'static str, Command); 2] {
    fs::write(folder.join("webhook.py"), block("python")).expect("written");
    fs::write(folder.join("webhook.mjs"), block("js")).expect("written");
    let mut python = Command::new("python3");
    python.current_dir(folder).args(["-B", "-c"]).arg(
        "import json, sys, webhook\n\
         for it in json.load(sys.stdin):\n    \
             print(str(webhook.is_genuine(it['secret'], it['headers'], it['body'].encode())).lower())",
    );
    let mut node = Command::new("node");
    node.current_dir(folder).args(["--input-type=module", "-e"]).arg(
        "import { readFileSync } from 'node:fs';\n\
         import { isGenuine } from './webhook.mjs';\n\
         for (const it of JSON.parse(readFileSync(0, 'utf8')))\n  \
             console.log(isGenuine(it.secret, it.headers, Buffer.from(it.body)));",
    );
    [("python", python), ("node", node)]
}

#[tokio::test]
async fn the_examples_of_the_guide_accept_genuine_messages_only() {
    let seen = request().await;
    let case = |secret: &str, name: &str, value: &str, body: &str| {
        let mut headers = seen.headers.clone();
        if !name.is_empty() {
            headers.insert(name.to_owned(), value.to_owned());
        }
        json!({ "secret": secret, "headers": headers, "body": body })
    };
    let signature = &seen.headers["webhook-signature"];
    let two = format!("v1,AAAA {signature}");
    let other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    // The example of the specification has a valid signature and is years old.
    let old = json!({
        "secret": other,
        "headers": {
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        },
        "body": r#"{"test": 2432232314}"#,
    });
    let cases = json!([
        case(SECRET, "", "", &seen.body),
        case(SECRET, "webhook-signature", &two, &seen.body),
        case(SECRET, "", "", &seen.body.replace("042137", "042138")),
        case(SECRET, "webhook-id", "msg_another", &seen.body),
        case(SECRET, "webhook-signature", "v1,AAAA", &seen.body),
        case(SECRET, "webhook-signature", "é", &seen.body),
        case(SECRET, "webhook-timestamp", "now", &seen.body),
        case(other, "", "", &seen.body),
        old,
    ]);
    let expected = ["true", "true", "false", "false", "false", "false", "false", "false", "false"];

    let folder = TempDir::new().expect("a folder");
    for (name, program) in programs(folder.path()) {
        assert_eq!(output_of(program, &cases).lines().collect::<Vec<_>>(), expected, "{name}");
    }
}

/// Returns the keys of a value, at all levels.
fn shape(value: &Value) -> Value {
    let Value::Object(members) = value else { return Value::Null };
    members.iter().map(|(name, value)| (name.clone(), shape(value))).collect()
}

#[tokio::test]
async fn messages_and_notices_have_the_described_body() {
    let described: Value = serde_json::from_str(&block("json")).expect("JSON");
    let sent: Value = serde_json::from_str(&request().await.body).expect("JSON");
    assert_eq!(shape(&sent), shape(&described));
    assert_eq!(sent["data"], described["data"]);
    assert_eq!(sent["type"], described["type"]);

    let fake = FakeVendor::start(Reply::Now(200, String::new()));
    let notice = sms(SmsPurpose::Notice(Notice::PasswordReset));
    let classified =
        webhook(&fake.url).notify(&notice, "【Haoma】…").await.expect("notices are sent");
    let seen = fake.stop().await.remove(0);
    assert_eq!(classified.class, AnswerClass::Sent);
    let notice: Value = serde_json::from_str(&seen.body).expect("JSON");
    assert_eq!(
        (&notice["type"], &notice["data"]["template"]),
        (&json!("sms.notice"), &json!("notice"))
    );
    assert_eq!(notice["data"]["text"], "【Haoma】…");
    assert_eq!(notice["data"].as_object().expect("an object").len(), 5, "{notice}");
}

/// Returns what the table of the guide says of a status; the row `anything else` is for all that it does not list.
fn described(status: u16, word: &str) -> String {
    let (_, table) = guide_after("| status | taken as |");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let rows: Vec<Vec<String>> =
        rows.map(|line| line.split('|').map(|cell| cell.trim().to_owned()).collect()).collect();
    let row = |wanted: &str| rows.iter().find(|cells| cells[1].contains(wanted));
    let own = format!("`{status}`");
    let found = match (status, word) {
        (200..=299, _) => row("`200` to `299`"),
        (422, "") => row("another `422`"),
        (422, word) => row(word),
        _ => row(&own)
            .or_else(|| if status >= 500 { row("any other `5xx`") } else { row("anything else") }),
    };
    found.expect("a row")[2].clone()
}

#[tokio::test]
async fn answers_have_the_outcomes_of_the_table() {
    for (status, word, class, asked) in [
        (200, "", AnswerClass::Sent, 1),
        (204, "", AnswerClass::Sent, 1),
        (302, "", AnswerClass::Config, 1),
        (400, "", AnswerClass::Config, 1),
        (401, "", AnswerClass::Config, 1),
        (402, "", AnswerClass::Balance, 1),
        (422, "invalid_recipient", AnswerClass::BadNumber, 1),
        (422, "recipient_blocked", AnswerClass::BadNumber, 1),
        (422, "", AnswerClass::Config, 1),
        (429, "", AnswerClass::Busy, 1),
        (500, "", AnswerClass::Unknown, 2),
        (502, "", AnswerClass::Unknown, 2),
        (503, "", AnswerClass::Busy, 1),
    ] {
        let body =
            if word.is_empty() { String::new() } else { json!({ "error": word }).to_string() };
        let fake = FakeVendor::start(Reply::Now(status, body));
        let classified = webhook(&fake.url).send(&message()).await;
        let seen = fake.stop().await;

        assert_eq!(classified.class, class, "{status} {word}");
        assert_eq!(seen.len(), asked, "{status}");
        let ids: Vec<_> = seen.iter().map(|seen| &seen.headers["webhook-id"]).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "a second attempt has the same id: {ids:?}");
        let meaning = match class {
            AnswerClass::Sent => "sent",
            AnswerClass::BadNumber => "bad number",
            AnswerClass::Balance => "refused: no money",
            AnswerClass::Busy => "refused: busy",
            AnswerClass::Config => "refused: wrong settings",
            AnswerClass::Unknown | AnswerClass::TooFrequent => "unknown",
        };
        assert_eq!(described(status, word), meaning, "{status} {word}");
    }
    let cut = FakeVendor::start(Reply::CutOff);
    assert_eq!(webhook(&cut.url).send(&message()).await.class, AnswerClass::Unknown);
    assert_eq!(cut.stop().await.len(), 2, "once more");
    assert_eq!(
        webhook(UNREACHABLE_URL).send(&message()).await.class,
        AnswerClass::Busy,
        "nothing was sent"
    );
}
