//! The operator's own name, logo, colour and templates.

use std::fs;

use tempfile::TempDir;

use super::{KEY, mistakes, start::refusal};
use crate::{databases::sqlite_url, haoma::on_each_with};

const NAME: &str = "Tea & <Co>";
const LOGO: &str = "https://cdn.example.com/tea.png";

#[tokio::test]
async fn every_page_wears_name_logo_and_colour() {
    let brand = [("BRAND_NAME", NAME), ("BRAND_LOGO_URL", LOGO), ("BRAND_COLOR", "#8a1f5c")];
    on_each_with(&brand, async |haoma| {
        let who = haoma.visitor();
        for path in ["/login", "/register", "/nowhere"] {
            let page = who.get(path).await;
            assert!(page.body.contains("Tea &amp; &lt;Co&gt;</title>"), "{path}");
            assert!(page.body.contains(&format!("<img src=\"{LOGO}\"")), "{path}");
            assert!(page.body.contains("content=\"#f9f4f7\""), "{path}");
            let policy = page.header("content-security-policy");
            let pictures = "; img-src 'self' https://cdn.example.com; media-src 'self';";
            assert!(policy.contains(pictures), "{policy}");
            assert_eq!(policy.matches("cdn.example.com").count(), 1, "{policy}");
        }
        let style = who.get("/login").await.value_after("<link rel=\"stylesheet\" href=\"");
        let style = who.get(&style).await;
        let rules = style.body.split("@media (prefers-color-scheme: dark)").collect::<Vec<_>>();
        assert!(rules.iter().any(|it| it.contains("--jade: #8a1f5c; ")), "by day");
        assert!(rules.last().expect("the dark").contains("--jade: "), "by night");
        let json = who.get("/api/v1/session").await;
        assert!(!json.header("content-security-policy").contains("cdn"));
    })
    .await;
}

#[tokio::test]
async fn without_them_it_is_haoma() {
    on_each_with(&[("BRAND_COLOR", "#8a1f5c")], async |haoma| {
        let who = haoma.visitor();
        let page = who.get("/login").await;
        assert!(page.body.contains("Haoma</title>"));
        assert!(page.header("content-security-policy").contains("; img-src 'self'; media-src"));
        let icon = who.get(&page.value_after("<link rel=\"icon\" href=\"")).await;
        assert_eq!(icon.header("content-type"), "image/svg+xml");
        assert!(icon.body.contains("fill=\"#8a1f5c\""), "{}", icon.body);
    })
    .await;
}

#[test]
fn a_colour_that_cannot_be_read_is_refused_with_the_nearest_that_can() {
    for color in ["#ffd400", "#ffffff", "#5fb49c", "#ff6600"] {
        let found = mistakes(&[KEY, ("BRAND_COLOR", color)]);
        let [mistake] = &found[..] else { panic!("{color}: {found:?}") };
        assert!(mistake.sentence.contains("4.5 is needed"), "{}", mistake.sentence);
        let nearest = mistake.sentence.split('`').nth(1).expect("a colour");

        assert_eq!(mistakes(&[KEY, ("BRAND_COLOR", nearest)]), [], "{color}");
    }
}

#[tokio::test]
async fn own_templates_stand_in_front_of_ours() {
    let folder = TempDir::new().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    write("message.html", "<p>{{ brand }}: {{ sentence }} {% include 'foot.html' %}</p>");
    write("foot.html", "<i>ours</i>");
    write("notes.txt", "{{ not a template");
    let path = folder.path().display().to_string();
    on_each_with(&[("TEMPLATES_DIR", &path)], async |haoma| {
        let who = haoma.visitor();
        let page = who.get("/nowhere?lang=en").await;

        let sentence = "What you are looking for is not here. Please check the address or go to";
        assert!(page.body.starts_with(&format!("<p>Haoma: {sentence}")), "{}", page.body);
        assert!(page.body.ends_with("<i>ours</i></p>"), "{}", page.body);
        assert!(who.get("/login").await.body.contains("<main>"), "the others are as ever");
    })
    .await;
}

/// Also one that shows only in a state that is seldom seen.
#[tokio::test]
async fn a_fault_in_a_template_stops_the_start_with_file_and_line() {
    for (name, text, told) in [
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
    ] {
        let folder = TempDir::new().expect("a folder");
        fs::write(folder.path().join(name), text).expect("a file");
        let path = folder.path().display().to_string();
        let database = sqlite_url(&folder);

        let refused = refusal(&[("DATABASE_URL", &database), ("TEMPLATES_DIR", &path)]).await;

        assert!(refused.starts_with("TEMPLATES_DIR: "), "{refused}");
        assert!(told.iter().all(|it| refused.contains(it)), "{refused}");
    }
}
