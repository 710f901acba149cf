//! The metrics, who may read them, and the files that document them.

use std::{collections::BTreeSet, fs, path::Path};

use reqwest::Method;
use serde_json::{Value, json};
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each, on_each_with},
    logs,
    metrics::Scrape,
    metrics::word,
};

const TEST_NUMBER: &str = "13800000000";

const FUNNEL: &str = "haoma_funnel_total";

/// Registers a number, with every possible failure on the way.
async fn walk(app: &TestApp, mobile: &str) {
    let client = app.client();
    let (captcha_id, _) = client.solve_captcha().await;
    let wrong = json!({ "mobile": mobile, "purpose": "register", "captcha_id": captcha_id,
        "captcha": "0000" });
    client.post_json("/api/v1/sms-codes", &wrong).await;
    assert!(client.request_code(mobile).await.status.is_success());
    assert_eq!(client.request_code(mobile).await.status, 429);
    let code = app.gateway.code_for(mobile);
    let other = if code == "000000" { "000001" } else { "000000" };
    for (code, status) in [(other, 422), (&*code, 201)] {
        let body = json!({ "mobile": mobile, "sms_code": code, "password": PASSWORD });
        assert_eq!(client.post_json("/api/v1/users", &body).await.status, status);
    }
    app.wait_for_background_tasks().await;
}

/// R28, R32.
#[tokio::test]
async fn a_registration_is_counted_in_the_metrics() {
    let tested = format!("{TEST_NUMBER}:123456@{}", tomorrow());
    let settings = [("METRICS_BIND", "127.0.0.1:0"), ("SMS_TEST_NUMBERS", &tested)];
    on_each_with(&settings, async |app| {
        let before = Scrape::of(app).await;
        before.assert("haoma_captchas_total", 0.0);
        walk(app, &fresh_mobile()).await;
        assert!(app.client().request_code(TEST_NUMBER).await.status.is_success());
        app.wait_for_background_tasks().await;

        let after = Scrape::of(app).await;
        after.assert("haoma_captchas_total", 4.0);
        for (stage, count) in [
            ("captcha_wrong", 1.0),
            ("captcha_right", 3.0),
            ("code_sent", 1.0),
            ("code_wrong", 1.0),
            ("code_right", 1.0),
            ("done", 1.0),
        ] {
            let sample = format!("{FUNNEL}{{purpose=\"register\",stage=\"{stage}\"}}");
            after.assert(&sample, count);
        }
        after.assert("haoma_sign_ins_total{by=\"registration\"}", 1.0);
        after.assert("haoma_test_numbers_used_total", 1.0);
        for error in ["captcha-wrong", "too-often-resend", "sms-code-wrong"] {
            after.assert(&format!("haoma_refusals_total{{error=\"{error}\"}}"), 1.0);
        }
        let sent = "{provider=\"webhook\",purpose=\"register\",outcome=\"sent\"}";
        after.assert(&format!("haoma_sms_attempts_total{sent}"), 1.0);
        after.assert("haoma_sms_attempt_seconds_count{provider=\"webhook\"}", 1.0);
        after.assert("haoma_hash_wait_seconds_count", 1.0);
        after.assert("haoma_hash_waiting", 0.0);
        assert!(after.value("haoma_db_wait_seconds_count") > 3.0);
        assert!(after.value("haoma_db_connections") > 1.0);
        after.assert("haoma_ladder_step", 0.0);
        for scope in ["service", "registration"] {
            let labels = format!("{{scope=\"{scope}\",window=\"day\"}}");
            assert!(after.value(&format!("haoma_sms_budget_used{labels}")) > 1.0);
            assert!(after.value(&format!("haoma_sms_budget_limit{labels}")) > 1.0);
        }
        let users = "method=\"POST\",route=\"/api/v1/users\"";
        for status in ["2xx", "4xx"] {
            let sample = format!("haoma_http_request_seconds_count{{{users},status=\"{status}\"}}");
            after.assert(&sample, 1.0);
        }
    })
    .await;
}

#[tokio::test]
async fn the_password_queue_is_in_the_metrics() {
    on_each_with(&[("METRICS_BIND", "127.0.0.1:0")], async |app| {
        let waits = [app.state.metrics.hash_wait(), app.state.metrics.hash_wait()];
        Scrape::of(app).await.assert("haoma_hash_waiting", 2.0);
        drop(waits);
        Scrape::of(app).await.assert("haoma_hash_waiting", 0.0);
    })
    .await;
}

/// R101.
#[tokio::test]
async fn metrics_are_served_on_a_separate_address_or_not_at_all() {
    on_each(async |app| {
        assert_eq!(app.metrics, None);
        assert_eq!(app.client().get("/metrics").await.status, 404);
        let text = app.state.metrics.text().expect("a text");
        assert!(!text.contains("route="), "requests are timed although metrics are off: {text}");
    })
    .await;
    on_each_with(&[("METRICS_BIND", "127.0.0.1:0")], async |app| {
        assert_eq!(app.client().get("/metrics").await.status, 404);
        let url = app.metrics.as_ref().expect("metrics are served").replace("/metrics", "/login");
        let response = reqwest::get(url).await.expect("an answer");
        assert_eq!(response.status(), 404, "nothing else is served there");
    })
    .await;
}

/// Paths contain numbers, secrets and arbitrary text.
#[tokio::test]
async fn no_label_holds_a_number_a_name_or_an_address() {
    on_each_with(&[("METRICS_BIND", "127.0.0.1:0")], async |app| {
        let (mobile, client) = (fresh_mobile(), app.client());
        let uuid = uuid::Uuid::new_v4().to_string();
        walk(app, &mobile).await;
        for path in [
            format!("/{mobile}"),
            format!("/api/v1/{mobile}"),
            format!("/api/v1/captchas/{uuid}"),
            format!("/api/v1/sessions/{mobile}"),
            format!("/static/{mobile}"),
            format!("/login?mobile={mobile}"),
        ] {
            client.get(&path).await;
            client.delete(&path).await;
        }
        let made_up = Method::from_bytes(b"MADEUP").expect("a method");
        client.send(client.request_without_origin(made_up, "/login")).await;
        client.post_body(&format!("/webhooks/sms/tencent/{mobile}"), "text/plain", "x").await;

        let text = Scrape::of(app).await.text;
        for hidden in [&*mobile, &mobile[3..], &uuid, "127.0.0.1", "MADEUP"] {
            assert!(!text.contains(hidden), "{hidden} in {text}");
        }
        for route in ["/api/v1/captchas/{id}", "/static/{name}", "/login", "none"] {
            assert!(text.contains(&format!("route=\"{route}\"")), "{route}: {text}");
        }
    })
    .await;
}

/// Dashboard and alerts use only metrics that exist, and the table of the documentation lists all of them.
#[tokio::test]
async fn table_dashboard_and_alerts_name_what_is_served() {
    let tested = format!("{TEST_NUMBER}:123456@{}", tomorrow());
    let settings = [
        ("METRICS_BIND", "127.0.0.1:0"),
        ("SMS_TEST_NUMBERS", &tested),
        ("SMS_VERIFIED_PERCENT", "30"),
    ];
    on_each_with(&settings, async |app| {
        walk(app, &fresh_mobile()).await;
        // Reaching this level takes fifty unused codes; tests/api/limits/abuse_guard.rs does it.
        app.state.metrics.sms_abuse_level_changed("service", "harder");
        // This takes a database that fails at the right moment; tests/chaos/outage_mid_request.rs does it.
        app.state.metrics.sms_not_sent("login", "store");
        // A client that does not exist.
        let form = "client_id=nobody&token=x";
        let form_type = "application/x-www-form-urlencoded";
        app.client().post_body("/oauth/revoke", form_type, form).await;
        let served = Scrape::of(app).await.names();
        let families: BTreeSet<_> = served.iter().map(|sample| family(sample)).collect();

        let (table, dashboard, alerts) =
            (paper("metrics.md"), paper("dashboard.json"), paper("alerts.yml"));
        serde_json::from_str::<Value>(&dashboard).expect("JSON");
        let listed = named_in(&table);
        assert_eq!(listed.iter().map(String::as_str).collect::<BTreeSet<_>>(), families);
        for (name, text) in [("dashboard.json", &dashboard), ("alerts.yml", &alerts)] {
            let surplus: Vec<_> = named_in(text).difference(&served).cloned().collect();
            assert!(surplus.is_empty(), "{name} names {surplus:?}");
        }
        let shown: BTreeSet<_> = named_in(&dashboard);
        let hidden: Vec<_> = families
            .iter()
            .filter(|familie| !shown.iter().any(|name| family(name) == **familie))
            .collect();
        assert!(hidden.is_empty(), "dashboard.json does not show {hidden:?}");
    })
    .await;
}

/// Returns the common name of the three kinds of samples of a histogram.
fn family(name: &str) -> &str {
    ["_bucket", "_count", "_sum"].iter().find_map(|other| name.strip_suffix(other)).unwrap_or(name)
}

fn paper(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    fs::read_to_string(path).expect("a paper")
}

fn named_in(text: &str) -> BTreeSet<String> {
    let found = text.match_indices("haoma_").map(|(at, _)| word(&text[at..]).to_owned());
    found.collect()
}

/// The access log, if it is enabled, has a line for each request, with the route and not the path.
#[tokio::test]
async fn the_access_log_has_a_line_a_request_without_its_path() {
    on_each(async |app| {
        let (turn, mobile) = (logs::capture().await, fresh_mobile());
        let client = app.client();
        let page = client.get("/login").await;
        let unknown = client.get(&format!("/api/v1/{mobile}?mobile={mobile}")).await;
        let refused = client.delete(&format!("/api/v1/sessions/{mobile}")).await;
        for (response, line) in [
            (&page, "event=access method=GET route=\"/login\" status=200 ms="),
            (&unknown, "event=access method=GET route=\"none\" status=404 ms="),
            (&refused, "event=access method=DELETE route=\"/api/v1/sessions/{id}\" status=401 ms="),
        ] {
            let lines = logs::lines_of(response.header("x-request-id"));
            let lines: Vec<_> = lines.iter().filter(|line| line.contains("event=access")).collect();
            assert_eq!(lines.len(), 1, "{lines:?}");
            assert!(lines[0].contains(line), "{lines:?}");
            assert!(lines[0].contains(" address=127.0.0.1 "), "{lines:?}");
            assert!(lines[0].ends_with(&format!(" bytes={}", response.body.len())), "{lines:?}");
            assert!(!lines[0].contains(&mobile), "{lines:?}");
        }
        drop(logs::captured(turn));
    })
    .await;
}

fn tomorrow() -> String {
    (chrono::Utc::now().date_naive() + chrono::Days::new(1)).to_string()
}
