//! The operator's own name, logo, colour and templates.

use std::fs;

use haoma::config::Config;
use tempfile::TempDir;
use test_support::{app::on_each_with, databases::sqlite_url};

use super::{KEY, env, start::refusal};

const NAME: &str = "Tea & <Co>";
const LOGO: &str = "https://cdn.example.com/tea.png";

#[tokio::test]
async fn every_page_has_the_name_logo_and_colour_of_the_operator() {
    let brand = [("BRAND_NAME", NAME), ("BRAND_LOGO_URL", LOGO), ("BRAND_COLOR", "#8a1f5c")];
    on_each_with(&brand, async |app| {
        let client = app.client();
        for path in ["/login", "/register", "/nowhere"] {
            let page = client.get(path).await;
            assert!(page.body.contains("Tea &amp; &lt;Co&gt;</title>"), "{path}");
            assert!(page.body.contains(&format!("<img src=\"{LOGO}\"")), "{path}");
            assert!(page.body.contains("content=\"#f9f4f7\""), "{path}");
            let policy = page.header("content-security-policy");
            let pictures = "; img-src 'self' https://cdn.example.com; media-src 'self';";
            assert!(policy.contains(pictures), "{policy}");
            assert_eq!(policy.matches("cdn.example.com").count(), 1, "{policy}");
        }
        let style = client.get("/login").await.value_after("<link rel=\"stylesheet\" href=\"");
        let style = client.get(&style).await;
        let rules = style.body.split("@media (prefers-color-scheme: dark)").collect::<Vec<_>>();
        assert!(rules.iter().any(|rule| rule.contains("--jade: #8a1f5c; ")), "by day");
        assert!(rules.last().expect("the dark").contains("--jade: "), "by night");
        let json = client.get("/api/v1/session").await;
        assert!(!json.header("content-security-policy").contains("cdn"));
    })
    .await;
}

#[tokio::test]
async fn the_default_brand_is_haoma() {
    on_each_with(&[("BRAND_COLOR", "#8a1f5c")], async |app| {
        let client = app.client();
        let page = client.get("/login").await;
        assert!(page.body.contains("Haoma</title>"));
        assert!(page.header("content-security-policy").contains("; img-src 'self'; media-src"));
        let icon = client.get(&page.value_after("<link rel=\"icon\" href=\"")).await;
        assert_eq!(icon.header("content-type"), "image/svg+xml");
        assert!(icon.body.contains("fill=\"#8a1f5c\""), "{}", icon.body);
    })
    .await;
}

/// A link that is shared in a chat is shown with a sentence and a picture.
#[tokio::test]
async fn a_shared_link_has_a_description_and_a_picture() {
    let settings = [("BRAND_NAME", "A & B"), ("PUBLIC_URL", "https://id.example.com")];
    on_each_with(&settings, async |app| {
        let client = app.client();
        for (language, sentence) in [
            ("zh-CN", "用手机号登录或注册 A &amp; B"),
            ("en", "Sign in or sign up to A &amp; B with your mobile number."),
        ] {
            let page = client.get(&format!("/login?lang={language}")).await;
            for name in ["name=\"description\"", "property=\"og:description\""] {
                let meta = format!("<meta {name} content=\"{sentence}\">");
                assert!(page.body.contains(&meta), "{meta}: {page:?}");
            }
            assert!(page.body.contains("<meta property=\"og:title\" content=\"A &amp; B\">"));
            let picture = page.value_after("<meta property=\"og:image\" content=\"");
            let picture = picture.replace("&#x2F;", "/");
            assert!(picture.starts_with("https://id.example.com/static/favicon."), "{picture}");
            assert_eq!(picture.rsplit('.').next(), Some("png"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_that_names_no_icon_gets_that_of_the_brand() {
    on_each_with(&[], async |app| {
        let icon = app.client().get("/favicon.ico").await;
        assert_eq!((icon.status.as_u16(), icon.header("content-type")), (200, "image/png"));
    })
    .await;
    on_each_with(&[("BRAND_LOGO_URL", "/logo.png")], async |app| {
        let client = app.client();
        let icon = client.get("/favicon.ico").await;
        assert_eq!((icon.status.as_u16(), icon.header("location")), (302, "/logo.png"));
        let page = client.get("/login").await;
        assert_eq!(page.value_after("<link rel=\"apple-touch-icon\" href=\""), "/logo.png");
        assert_eq!(page.value_after("<meta property=\"og:image\" content=\""), "/logo.png");
    })
    .await;
}

#[tokio::test]
async fn a_light_brand_colour_gets_a_darker_tone_for_links() {
    for (color, is_noted) in [
        ("#07c160", true),
        ("#ff5000", true),
        ("#1677ff", true),
        ("#ffffff", true),
        ("#0b6b57", false),
    ] {
        let settings = [KEY, ("BRAND_COLOR", color)];
        let config = Config::from_env(env(&settings)).expect("settings");
        let notes = config.notes();
        let note = notes.iter().find(|note| note.setting == "BRAND_COLOR");

        assert_eq!(note.is_some(), is_noted, "{color}");
        assert!(
            note.is_none_or(|note| note.message.starts_with(&format!("is {color}: "))),
            "{note:?}"
        );
    }
    on_each_with(&[("BRAND_COLOR", "#07c160")], async |app| {
        let client = app.client();
        let page = client.get("/login").await;
        let style = client.get(&page.value_after("<link rel=\"stylesheet\" href=\"")).await.body;
        let own = style.rsplit(":root { --back").nth(1).expect("the colours by day");
        assert!(own.contains("--button: #07c160; "), "{own}");
        assert!(
            !own.contains("--jade: #07c160; ") && !own.contains("--on-jade: #ffffff; "),
            "{own}"
        );
        let icon = client.get(&page.value_after("<link rel=\"icon\" href=\"")).await.body;
        assert!(icon.contains("fill=\"#07c160\"") && !icon.contains("stroke=\"#fff\""), "{icon}");
    })
    .await;
}

#[tokio::test]
async fn templates_of_the_operator_replace_the_built_in_ones() {
    let folder = TempDir::new().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    write("message.html", "<p>{{ brand }}: {{ sentence }} {% include 'foot.html' %}</p>");
    write("foot.html", "<i>ours</i>");
    write("notes.txt", "{{ not a template");
    let path = folder.path().display().to_string();
    on_each_with(&[("TEMPLATES_DIR", &path)], async |app| {
        let client = app.client();
        let page = client.get("/nowhere?lang=en").await;

        let sentence = "We couldn’t find what you’re looking for. Check the address or go to";
        assert!(page.body.starts_with(&format!("<p>Haoma: {sentence}")), "{}", page.body);
        assert!(page.body.ends_with("<i>ours</i></p>"), "{}", page.body);
        assert!(client.get("/login").await.body.contains("<main>"), "the others are as ever");
    })
    .await;
}

/// A template, its text, and the words that its error contains.
const FAULTS: &[(&str, &str, [&str; 2])] = &[
    ("login.html", "<p>\n<b>\n{{ form.next", ["login.html:3", ""]),
    ("message.html", "<p>\n{{ nonsense }}", ["message.html:2", "nonsense"]),
    (
        "account_name.html",
        "{% if problems.name %}\n\n\n{{ problems.nonsense.deep }}{% endif %}",
        ["account_name.html:4", "nonsense"],
    ),
    (
        "account.html",
        "{% for it in sessions %}\n{{ it.colour }}{% endfor %}",
        ["account.html:2", ""],
    ),
    ("register.html", "{% extends \"nowhere.html\" %}", ["register.html", "nowhere.html"]),
    (
        "message.html",
        "<p>\n{{ t(key=\"nonsense\") }}",
        ["message.html:2", "`nonsense` does not exist"],
    ),
    ("message.html", "\n\n{{ t(key=\"signed-in-as\") }}", ["message.html:3", "lacks an argument"]),
    ("login.html", "<p>\n", ["login.html:1", "no form that is posted to /login"]),
    (
        "login.html",
        "<p>\n<form action='/login'>",
        ["login.html:2", "no form that is posted to /login"],
    ),
    (
        "account_name.html",
        "<p>\n\n<form method='post'>\n<input id='name'>",
        ["account_name.html:3: ", "lacks a field named `name`"],
    ),
    (
        "reset_password.html",
        "<form method='post'>{% include 'code_fields.html' %}",
        ["reset_password.html:1: ", "lacks a field named `password`"],
    ),
    (
        "login_by_code.html",
        "\n<form method='post' action='/login'>{% include 'code_fields.html' %}",
        ["login_by_code.html:2: ", "lacks a field named `by` with the value `sms`"],
    ),
    (
        "number_step.html",
        "<input name='mobile'><input name='sms_code'><input name='captcha_id'>\
             {% include 'captcha_field.html' %}",
        ["number_step.html:1: ", "lacks a field named `step` with the value `send`"],
    ),
    ("captcha_field.html", "<input id='captcha'>", ["captcha_field.html:1: ", "named `captcha`"]),
];

/// This includes errors that occur only in a rare state.
#[tokio::test]
async fn a_fault_in_a_template_stops_the_start_with_file_and_line() {
    for (name, text, expected) in FAULTS {
        let folder = TempDir::new().expect("a folder");
        fs::write(folder.path().join(name), text).expect("a file");
        let path = folder.path().display().to_string();
        let database = sqlite_url(&folder);

        let refused = refusal(&[("DATABASE_URL", &database), ("TEMPLATES_DIR", &path)]).await;

        assert!(refused.starts_with("TEMPLATES_DIR: "), "{refused}");
        assert!(expected.iter().all(|reply| refused.contains(reply)), "{name}: {refused}");
    }
}
