//! The headers in which proxies forward the client's address, as proxies write them.

use reqwest::{Method, header::HeaderValue};
use test_support::{
    app::{TestApp, on_each_with},
    client::TestResponse,
    logs,
};

const SETTINGS: [(&str, &str); 1] = [("TRUSTED_PROXIES", "127.0.0.1,10.0.0.0/8,fd00::/8")];

/// Sends a request that is refused, with these forwarded headers, one a line.
async fn ask(app: &TestApp, lines: &[&[u8]]) -> TestResponse {
    let client = app.client();
    let request = lines.iter().fold(
        client.request_without_origin(Method::GET, "/api/v1/session"),
        |text, line| {
            text.header("x-forwarded-for", HeaderValue::from_bytes(line).expect("a header"))
        },
    );
    let response = client.send(request).await;
    assert_eq!(response.status.as_u16(), 401, "{response:?}");
    response
}

#[tokio::test]
async fn forwarded_addresses_may_have_ports_brackets_and_non_ascii_text_before_them() {
    logs::install();
    on_each_with(&SETTINGS, async |app| {
        let cases: [(&[&[u8]], &str); 9] = [
            (&[b"203.0.113.9:51234"], "203.0.113.9"),
            (&[b"[2001:db8::9]:51234"], "2001:db8::9"),
            (&[b"[2001:db8::9]"], "2001:db8::9"),
            (&[b"6.6.6.6:1, 203.0.113.9:51234, 10.1.1.1:443"], "203.0.113.9"),
            (&[b"6.6.6.6, [2001:db8::9]:1, [fd00::1]:443"], "2001:db8::9"),
            (&[b"\xe4\xbd\xa0, 203.0.113.9"], "203.0.113.9"),
            (&[b"\xff", b"203.0.113.9"], "203.0.113.9"),
            (&[b"203.0.113.9, \xff"], "127.0.0.1"),
            (&[b"203.0.113.9, unknown, 10.1.1.1"], "10.1.1.1"),
        ];
        for (lines, address) in cases {
            let refused = ask(app, lines).await;

            let logged = logs::lines_of(refused.header("x-request-id"));
            assert!(!logged.is_empty(), "{refused:?}");
            for line in logged {
                assert!(line.contains(&format!(" address={address} ")), "{lines:?}: {line}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_unreadable_forwarded_header_is_logged_once_a_minute() {
    on_each_with(&SETTINGS, async |app| {
        let turn = logs::capture().await;
        let odd = uuid::Uuid::new_v4().to_string();
        for _ in 0..5 {
            ask(app, &[format!("203.0.113.9, {odd}\tx, 10.1.1.1").as_bytes()]).await;
        }
        let lines = logs::captured(turn);

        let warning: Vec<_> = lines.iter().filter(|line| line.contains(&odd)).collect();
        let [warning] = &*warning else { panic!("one line: {warning:?}") };
        let line = format!("event=forwarded_for_unreadable proxy=10.1.1.1 hop=\"{odd}\\tx\"");
        assert!(warning.contains(" WARN ") && warning.ends_with(&line), "{warning}");
    })
    .await;
}
