//! Signing in and signing up as people measure it: fields, keys and taps, what fits the screen, what moves, and weight.

use fantoccini::key::Key;
use reqwest::Method;
use serde_json::{Value, json};
use test_support::app::fresh_mobile;

use crate::person::{Person, Script, on_each_with, on_sqlite};

const PAGES: [&str; 3] = ["/login", "/register", "/reset-password"];
const TERMS: [(&str, &str); 2] =
    [("TERMS_URL", "https://example.com/terms"), ("TERMS_VERSION", "2026-11")];

/// The fields to type into that are visible.
const FIELDS: &str = "return [...document.querySelectorAll('input')].filter((it) => \
    !['hidden', 'checkbox'].includes(it.type) && !it.matches('.unseen') && it.checkVisibility()).length";

/// The lower edge of the button that is to be pressed.
const EDGE: &str = "return Math.max(...[...document.querySelectorAll('main .first')] \
    .filter((it) => it.checkVisibility()).map((it) => it.getBoundingClientRect().bottom + scrollY))";

/// Adds up the layout shifts from the beginning of each page on, also those that answer a key or a tap at once.
const WATCH: &str = "window.shifted = 0; new PerformanceObserver((list) => \
    list.getEntries().forEach((it) => { window.shifted += it.value; })) \
    .observe({ type: 'layout-shift', buffered: true });";

/// Pairs of visible texts and controls that overlap, and what reaches beyond the screen.
const OVERLAPS: &str = "
    const leaves = [...document.querySelectorAll('main *, header *')].filter((it) => it.checkVisibility() &&
        !it.closest('.unseen, dialog:not([open])') && it.getClientRects().length &&
        (it.matches('input, button, a, audio, img') ||
            [...it.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())));
    const open = document.querySelector('dialog[open]');
    const shown = leaves.filter((it) => !open || open.contains(it));
    const found = [];
    for (const [at, one] of shown.entries()) {
        const a = one.getBoundingClientRect();
        if (a.right > innerWidth + 1 || a.left < -1) found.push('beyond: ' + one.outerHTML.slice(0, 90));
        for (const other of shown.slice(at + 1)) {
            if (one.contains(other) || other.contains(one)) continue;
            // One input stands over the places that show what is typed, and a button inside its field.
            if (one.parentElement === other.parentElement && one.parentElement.matches('.places, .inside')) continue;
            const b = other.getBoundingClientRect();
            const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            if (width > 2 && height > 2) found.push(one.outerHTML.slice(0, 90) + ' / ' + other.outerHTML.slice(0, 90));
        }
    }
    return found;";

/// The paths and bytes of the page, and of what it waits for before its form can be used: style and scripts.
const WEIGHT: &str = "
    const needed = [...performance.getEntriesByType('navigation'),
        ...performance.getEntriesByType('resource').filter((it) => /\\.(css|js)$/.test(it.name))];
    return needed.map((it) => [it.name.slice(location.origin.length), it.encodedBodySize]);";

/// Counts what a person presses until the account is there.
struct Effort<'a> {
    person: &'a Person<'a>,
    keys: usize,
    taps: usize,
}

impl Effort<'_> {
    /// Types wherever the focus is.
    async fn types(&mut self, text: &str) {
        for letter in text.chars() {
            self.person.press_key(letter).await;
            self.keys += 1;
        }
    }

    async fn taps(&mut self, css: &str) {
        self.person.click(css).await;
        self.taps += 1;
    }
}

/// Returns the code of the second message, which is sent after the answer.
async fn next_code(person: &Person<'_>, mobile: &str) -> String {
    let gateway = &person.app.gateway;
    person.until("message", async || (gateway.count_for(mobile) > 1).then_some(())).await;
    gateway.code_for(mobile)
}

#[tokio::test]
async fn one_field_is_shown_before_the_first_press() {
    on_sqlite(&TERMS, Script::On, async |person| {
        for page in PAGES {
            person.open(page).await;
            person.has_focus_in("mobile").await;
            assert_eq!(person.run(FIELDS).await, 1, "{page}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_takes_21_keys_and_one_tap_with_a_picture() {
    on_each_with(&[], Script::On, async |person| {
        let mobile = fresh_mobile();
        person.app.client().register(&mobile).await;
        person.app.skip_resend_wait().await;
        person.open("/login").await;
        person.has_focus_in("mobile").await;
        let mut effort = Effort { person, keys: 0, taps: 0 };

        effort.types(&mobile).await;
        effort.taps("#send").await;
        person.has_focus_in("captcha").await;
        let answer = person.answer_of_the_picture().await;
        effort.types(&answer).await;
        person.has_focus_in("sms_code").await;
        let code = next_code(person, &mobile).await;
        effort.types(&code).await;

        person.is_at("/account").await;
        assert_eq!((effort.keys, effort.taps), (21, 1));
    })
    .await;
}

/// The phone fills the code in, and where nothing is suspicious there is no picture.
#[tokio::test]
async fn a_sign_in_takes_eleven_keys_and_one_tap_at_best() {
    on_each_with(&[("CAPTCHA", "auto")], Script::On, async |person| {
        person
            .run_before_all(
                "window.OTPCredential = class {}; navigator.credentials.get = () => \
                 new Promise((arrive) => { window.arrive = (code) => arrive({ code }); });",
            )
            .await;
        let mobile = fresh_mobile();
        person.app.client().register(&mobile).await;
        person.app.skip_resend_wait().await;
        person.open("/login").await;
        person.has_focus_in("mobile").await;
        let mut effort = Effort { person, keys: 0, taps: 0 };

        effort.types(&mobile).await;
        effort.taps("#send").await;
        person.has_focus_in("sms_code").await;
        let code = next_code(person, &mobile).await;
        person.run(&format!("window.arrive('{code}')")).await;

        person.is_at("/account").await;
        assert_eq!((effort.keys, effort.taps), (11, 1));
    })
    .await;
}

#[tokio::test]
async fn the_button_of_every_step_fits_the_screen() {
    for settings in [&[][..], &TERMS] {
        on_sqlite(settings, Script::On, async |person| {
            for (width, height) in [(390, 844), (1280, 800)] {
                person.set_viewport(width, height).await;
                for page in [&PAGES[..], &["/login?by=password"]].concat() {
                    person.open(page).await;
                    let edge = person.run(EDGE).await.as_f64().expect("an edge");
                    assert!(edge <= f64::from(height), "{page} {width}: {edge}");
                    if page.contains("by=password") {
                        continue;
                    }
                    person.type_number(&fresh_mobile()).await;
                    person.send().await;
                    person.has("form.asked").await;
                    let edge = person.run(EDGE).await.as_f64().expect("an edge");
                    assert!(edge <= f64::from(height), "{page} with the code {width}: {edge}");
                }
            }
        })
        .await;
    }
}

#[tokio::test]
async fn nothing_moves_from_the_first_view_to_a_wrong_code() {
    on_each_with(&[("SMS_RESEND_SECONDS", "3")], Script::On, async |person| {
        person.run_before_all(WATCH).await;
        for (width, height) in [(390, 844), (1280, 800)] {
            person.set_viewport(width, height).await;
            let mobile = fresh_mobile();
            person.app.client().register(&mobile).await;
            person.app.skip_resend_wait().await;
            person.open("/login").await;
            person.type_number("123").await;
            person.press("获取验证码").await;
            person.sees_error_beside("mobile", "请输入正确的手机号").await;
            person.type_number(&mobile).await;
            person.send_misread().await;
            person.sees_error_beside("captcha", "图形验证码错误").await;
            person.solve_the_picture().await;
            person.has_focus_in("sms_code").await;
            let code = next_code(person, &mobile).await;
            let wrong = if code == "000000" { "000001" } else { "000000" };
            person.type_into("sms_code", wrong).await;
            person.sees_error_beside("sms_code", "验证码错误").await;
            person.can_press("resend", "重新获取").await;

            let shifted = person.run("return window.shifted").await.as_f64().expect("a number");
            assert!(shifted < 0.005, "{width}: {shifted}");
        }
    })
    .await;
}

#[tokio::test]
async fn nothing_overlaps_at_twice_the_text_size() {
    let larger = "addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '200%'; })";
    on_sqlite(&TERMS, Script::On, async |person| {
        person.run_before_all(larger).await;
        for language in ["zh-CN", "en"] {
            for width in [320, 390, 1280] {
                person.set_viewport(width, 844).await;
                let check = async |state: &str| {
                    let found = person.run(OVERLAPS).await;
                    assert_eq!(found, json!([]), "{state} {language} {width}");
                };
                for page in [&PAGES[..], &["/login?by=password"]].concat() {
                    person.open(page).await;
                    person
                        .open(&format!(
                            "{}{}lang={language}",
                            page,
                            if page.contains('?') { '&' } else { '?' }
                        ))
                        .await;
                    check(page).await;
                    if page.contains("by=password") {
                        continue;
                    }
                    person.type_number(&fresh_mobile()).await;
                    person.open_the_sheet().await;
                    check(&format!("{page} with the captcha")).await;
                    person.solve_the_picture().await;
                    person.has("form.asked").await;
                    check(&format!("{page} with the code")).await;
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_form_can_be_used_after_three_requests_of_15_kilobytes() {
    on_sqlite(&TERMS, Script::On, async |person| {
        for page in [&PAGES[..], &["/login?by=password"]].concat() {
            let (needed, bodies, heads) = weight(person, page).await;
            assert_eq!(needed.len(), 3, "{page}: {needed:?}");
            assert!(bodies <= 15 * 1024, "{page}: {bodies}");
            assert!(bodies + heads <= 17 * 1024 + 512, "{page}: {bodies} and {heads}");
        }
    })
    .await;
}

/// Who forgot the box is asked for the terms once, and goes on where they were.
#[tokio::test]
async fn forgotten_terms_are_asked_for_and_nothing_is_lost() {
    on_each_with(&TERMS, Script::On, async |person| {
        let mobile = fresh_mobile();
        person.open("/register").await;
        person.type_number(&mobile).await;
        assert_eq!(
            person.run("return document.querySelector('[name=terms]').checked").await,
            false
        );
        person.click("#send").await;
        person.has("#agree[open]").await;
        assert!(person.app.gateway.messages().is_empty());

        person.press("再看看").await;
        assert_eq!(person.number().await, mobile);
        person.click("#send").await;
        person.press("同意并继续").await;

        person.has("#sheet[open]").await;
        assert_eq!(person.run("return document.querySelector('[name=terms]').checked").await, true);
    })
    .await;
}

#[tokio::test]
async fn back_leads_from_the_code_to_the_number_and_forward_again() {
    on_each_with(&[], Script::On, async |person| {
        let mobile = fresh_mobile();
        person.open("/login?by=password").await;
        person.open("/login").await;
        person.type_number(&mobile).await;
        person.send().await;
        person.has_focus_in("sms_code").await;

        person.go_back().await;
        person.can_press("send", "输入验证码").await;
        assert_eq!(person.number().await, mobile);
        person.click("#send").await;
        person.has_focus_in("sms_code").await;
        person.go_back().await;
        person.go_back().await;
        person.is_at("/login?by=password").await;
    })
    .await;
}

/// A code that was used is not asked for again, and whoever comes next does not see the number.
#[tokio::test]
async fn who_is_signed_in_is_told_so_and_who_has_left_begins_anew() {
    on_each_with(&[], Script::On, async |person| {
        let mobile = fresh_mobile();
        person.open("/login").await;
        person.type_number(&mobile).await;
        person.send().await;
        person.has_focus_in("sms_code").await;
        person.type_into("sms_code", &person.app.gateway.code_for(&mobile)).await;
        person.is_at("/account").await;

        person.open("/login").await;
        person.sees(&format!("你已登录为 139****{}", &mobile[7..])).await;
        assert_eq!(person.run(FIELDS).await, 1);
        person.press("继续").await;
        person.is_at("/account").await;
        person.click("form[action='/logout'] button").await;

        person.is_at("/login").await;
        person.has_focus_in("mobile").await;
        assert_eq!(person.number().await, "");
    })
    .await;
}

#[tokio::test]
async fn a_lost_connection_costs_neither_picture_nor_code() {
    on_each_with(&[], Script::On, async |person| {
        let mobile = fresh_mobile();
        person.app.client().register(&mobile).await;
        person.app.skip_resend_wait().await;
        person.open("/login").await;
        let cut = "window.real = window.real || fetch; window.fetch = () => Promise.reject(new TypeError())";
        let mend = "window.fetch = window.real";
        person.type_number(&mobile).await;
        person.open_the_sheet().await;
        person.run(cut).await;
        person.solve_the_picture().await;
        person.sees("网络连接失败").await;

        // The answer is still there, and the button sends it.
        person.run(mend).await;
        person.click("#send").await;
        person.has_focus_in("sms_code").await;
        person.run(cut).await;
        let code = next_code(person, &mobile).await;
        person.type_into("sms_code", &code).await;
        person.sees("网络连接失败").await;
        person.run(mend).await;
        person.press_key_in("sms_code", Key::Enter).await;
        person.is_at("/account").await;
    })
    .await;
}

/// A pasted number is written as people write it, whatever it looked like.
#[tokio::test]
async fn a_number_is_grouped_while_it_is_typed() {
    on_sqlite(&[], Script::On, async |person| {
        person.open("/login").await;
        for (pasted, shown) in [
            ("1380013", "138 0013"),
            ("13800138000", "138 0013 8000"),
            ("+86 138-0013-8000", "138 0013 8000"),
            ("0086 138 0013 8000", "138 0013 8000"),
            ("１３８００１３８０００", "138 0013 8000"),
            ("\u{202d}13800138000\u{202c}", "138 0013 8000"),
            ("(138)00138000", "138 0013 8000"),
            ("somebody", "somebody"),
        ] {
            let paste = format!(
                "const it = document.getElementById('mobile'); it.focus(); it.select(); \
                 document.execCommand('insertText', false, {pasted:?});"
            );
            person
                .run(&paste.replace("\\u{202d}", "\u{202d}").replace("\\u{202c}", "\u{202c}"))
                .await;
            assert_eq!(person.typed_in("mobile").await, shown, "{pasted}");
        }
    })
    .await;
}

/// Returns the bytes of the status line and the headers of an answer.
async fn head_bytes(person: &Person<'_>, path: &str) -> usize {
    let client = person.app.client();
    let request = client.request_without_origin(Method::GET, path);
    let answer = client.send(request.header("accept-encoding", "gzip")).await;
    assert_eq!(answer.header("content-encoding"), "gzip", "{path}");
    let lines = answer.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    "HTTP/1.1 200 OK\r\n\r\n".len() + lines.sum::<usize>()
}

/// Opens a page with an empty cache, and returns the paths of what it needs before its form can be used, and the bytes of
/// their bodies and heads.
async fn weight(person: &Person<'_>, page: &str) -> (Vec<String>, usize, usize) {
    person.clear_the_cache().await;
    person.open(page).await;
    let loaded = "return document.readyState === 'complete'";
    person.until(loaded, async || (person.run(loaded).await == true).then_some(())).await;
    let needed = person.run(WEIGHT).await;
    let needed = needed.as_array().expect("a list").iter();
    let of = |it: &Value| (it[0].as_str().expect("a path").to_owned(), it[1].as_u64());
    let needed: Vec<_> = needed.map(of).collect();
    let (mut bodies, mut heads) = (0, 0);
    for (path, body) in &needed {
        heads += head_bytes(person, path).await;
        bodies += usize::try_from(body.expect("a number")).expect("a small one");
    }
    (needed.into_iter().map(|(path, _)| path).collect(), bodies, heads)
}
