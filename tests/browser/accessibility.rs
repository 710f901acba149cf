//! What axe-core finds on every page in every state, and whether every control is large enough for a thumb.

use std::{cell::RefCell, fs, path::Path};

use serde_json::Value;
use test_support::databases::required_part;

use crate::{
    branding, countries, error_states,
    person::{Person, Script, on_sqlite, on_stoppable_mysql},
    states,
};

/// The page's background is a gradient between these two colours, which axe-core cannot judge, so it is run on both.
const BACKGROUNDS: [&str; 2] = ["var(--glow)", "var(--back)"];

/// Violations, and texts whose contrast could not be judged.
const FINDINGS: &str = "
    const done = arguments[arguments.length - 1];
    document.body.style.background = arguments[0];
    const line = (kind) => (rule) => kind + ' ' + rule.id + ': ' + rule.nodes.map((node) => node.html).join(' | ');
    axe.run(document, { rules: { 'target-size': { enabled: true } } }).then((found) => {
        document.body.style.background = '';
        const unsure = found.incomplete.filter((it) => it.id === 'color-contrast')
            // The text of the input is transparent: the places under it show what is typed.
            .filter((it) => !it.nodes.every((node) => document.querySelector(node.target[0]).closest('.places')));
        done([...found.violations.map(line('wrong')), ...unsure.map(line('unsure'))]);
    }, (error) => done(['axe-core: ' + error]));";

/// Controls that are smaller than a thumb. A checkbox is as large as its label; a link within a sentence may be as high
/// as its line (WCAG 2.5.5).
const SMALL: &str = "
    const controls = document.querySelectorAll('a, button, input:not([type=hidden]), audio, select, summary');
    const inSentence = (it) => it.matches('.check a, .dialog a');
    const seen = [...controls].filter((it) => it.checkVisibility() && !inSentence(it) &&
        !it.closest('.unseen, [aria-hidden=true]'));
    const hit = (it) => (it.type === 'checkbox' ? it.closest('label') : it).getBoundingClientRect();
    return seen.map((it) => [it, hit(it)])
        .filter(([, { width, height }]) => width < 43.9 || height < 43.9)
        .map(([it, { width, height }]) => it.outerHTML + ' ' + width + ' x ' + height);";

#[tokio::test]
async fn axe_finds_nothing_on_any_page_in_any_state() {
    let Some(axe) = axe() else { return };
    on_sqlite(&states::SETTINGS, Script::On, async |person| {
        let checker = AxeChecker::of(person, &axe);
        states::walk(person, "zh-CN", async |state| checker.look(state).await).await;
        checker.assert_nothing_was_found();
    })
    .await;
}

#[tokio::test]
async fn axe_finds_nothing_without_scripts_and_in_english() {
    let Some(axe) = axe() else { return };
    on_sqlite(&states::SETTINGS, Script::On, async |person| {
        person.refuse_scripts().await;
        let checker = AxeChecker::of(person, &axe);
        states::walk(person, "en", async |state| checker.look(state).await).await;
        checker.assert_nothing_was_found();
    })
    .await;
}

#[tokio::test]
async fn axe_finds_nothing_about_the_menus_of_countries_and_languages() {
    let Some(axe) = axe() else { return };
    for has_scripts in [true, false] {
        on_sqlite(&countries::SETTINGS, Script::On, async |person| {
            if !has_scripts {
                person.refuse_scripts().await;
            }
            let checker = AxeChecker::of(person, &axe);
            for page in ["/login", "/login?by=password", "/login?lang=ja", "/register?lang=ko"] {
                person.open(page).await;
                checker.look(page).await;
                person.click(".languages summary").await;
                checker.look(&format!("{page} with the languages")).await;
            }
            checker.assert_nothing_was_found();
        })
        .await;
    }
}

#[tokio::test]
async fn axe_finds_nothing_on_error_pages() {
    let Some(axe) = axe() else { return };
    on_stoppable_mysql(&error_states::SETTINGS, Script::On, async |person, database| {
        let checker = AxeChecker::of(person, &axe);
        error_states::walk(person, database, "zh-CN", async |state| checker.look(state).await)
            .await;
        checker.assert_nothing_was_found();
    })
    .await;
}

#[tokio::test]
async fn axe_finds_nothing_on_error_pages_without_scripts_and_in_english() {
    let Some(axe) = axe() else { return };
    on_stoppable_mysql(&error_states::SETTINGS, Script::On, async |person, database| {
        person.refuse_scripts().await;
        let checker = AxeChecker::of(person, &axe);
        error_states::walk(person, database, "en", async |state| checker.look(state).await).await;
        checker.assert_nothing_was_found();
    })
    .await;
}

/// src/domain/brand.rs tests the contrast of many more colours.
#[tokio::test]
async fn axe_finds_nothing_in_the_colours_of_an_operator() {
    let Some(axe) = axe() else { return };
    on_sqlite(&branding::SETTINGS, Script::On, async |person| {
        let checker = AxeChecker::of(person, &axe);
        branding::walk(person, "en", async |state| checker.look(state).await).await;
        checker.assert_nothing_was_found();
    })
    .await;
}

/// Returns the source of axe-core, which npm has installed.
fn axe() -> Option<String> {
    let modules = required_part("TEST_NODE_MODULES")?;
    Some(fs::read_to_string(Path::new(&modules).join("axe-core/axe.min.js")).expect("axe-core"))
}

/// Checks one state after another, and reports all findings at the end.
struct AxeChecker<'a> {
    person: &'a Person<'a>,
    axe: &'a str,
    found: RefCell<Vec<String>>,
}

impl<'a> AxeChecker<'a> {
    fn of(person: &'a Person<'a>, axe: &'a str) -> Self {
        Self { person, axe, found: RefCell::default() }
    }

    async fn look(&self, state: &str) {
        let (person, mut found) = (self.person, Vec::new());
        person.run(self.axe).await;
        for (width, height) in [(360, 740), (1280, 800)] {
            person.set_viewport(width, height).await;
            for scheme in ["light", "dark"] {
                let likings =
                    [("prefers-color-scheme", scheme), ("prefers-reduced-motion", "reduce")];
                person.prefer(&likings).await;
                for background in BACKGROUNDS {
                    let how = vec![Value::from(background)];
                    let findings = person.browser.execute_async(FINDINGS, how).await.expect("runs");
                    found.extend(
                        texts(&findings)
                            .map(|finding| format!("{state} {width} {scheme}: {finding}")),
                    );
                }
            }
            let small = person.run(SMALL).await;
            found.extend(texts(&small).map(|finding| format!("{state} {width}: {finding}")));
        }
        self.found.borrow_mut().extend(found);
    }

    fn assert_nothing_was_found(self) {
        let found = self.found.take();
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().expect("a list").iter().map(|text| text.as_str().expect("a text"))
}
