//! What a person in front of Chromium sees and waits for.

use std::{
    fmt::Debug,
    time::{Duration, Instant},
};

use fantoccini::{
    elements::Element,
    wd::{Locator, WebDriverCompatibleCommand},
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::sleep;
use url::{ParseError, Url};

use crate::person::{Person, TIMEOUT};

impl Person<'_> {
    /// Waits until this page is open.
    pub(super) async fn is_at(&self, path: &str) {
        let address = format!("{}{path}", self.app.base);
        self.until(&address, async || {
            let url = self.browser.current_url().await.ok()?;
            (url.as_str() == address).then_some(())
        })
        .await;
    }

    /// Waits until these words are visible.
    pub(super) async fn sees(&self, words: &str) {
        self.until(words, async || self.seen().await.filter(|text| text.contains(words))).await;
    }

    /// Waits until an element has visible text, and returns it.
    pub(super) async fn shown_in(&self, css: &str) -> String {
        self.until(css, async || {
            let element = self.browser.find(Locator::Css(css)).await.ok()?;
            element.text().await.ok().filter(|text| !text.is_empty())
        })
        .await
    }

    /// Returns an attribute as it is written in the page, not as the browser interprets it.
    pub(super) async fn attribute(&self, css: &str, name: &str) -> Option<String> {
        self.browser.find(Locator::Css(css)).await.ok()?.attr(name).await.ok()?
    }

    /// Waits for an alert box with these words, and closes it.
    pub(super) async fn is_alerted(&self, words: &str) {
        self.until(words, async || {
            self.browser.get_alert_text().await.ok().filter(|text| text.contains(words))
        })
        .await;
        self.browser.accept_alert().await.expect("a box");
    }

    /// Waits until these words are no longer visible.
    pub(super) async fn lacks(&self, words: &str) {
        let gone = format!("page without {words}");
        self.until(&gone, async || self.seen().await.filter(|text| !text.contains(words))).await;
    }

    /// Waits until the page has such an element, visible or not.
    pub(super) async fn has(&self, css: &str) {
        self.until(css, async || self.browser.find(Locator::Css(css)).await.ok().map(drop)).await;
    }

    /// Waits until a control has exactly this label and is enabled.
    pub(super) async fn can_press(&self, id: &str, words: &str) {
        self.finds(&format!("//*[@id='{id}'][not(@disabled)][normalize-space(.)='{words}']")).await;
    }

    /// Waits until a control has exactly this label and is disabled.
    pub(super) async fn cannot_press(&self, id: &str, words: &str) {
        self.finds(&format!("//*[@id='{id}'][@disabled][normalize-space(.)='{words}']")).await;
    }

    /// Waits until an error is shown beside a field and the field is marked as invalid.
    pub(super) async fn sees_error_beside(&self, field: &str, words: &str) {
        self.until(&format!("{field}: {words}"), async || {
            let id = format!("{field}-problem");
            let problem = self.browser.find(Locator::Id(&id)).await.ok()?.text().await.ok()?;
            let input = self.find_field(field).await?;
            let invalid = input.attr("aria-invalid").await.ok()?;
            (problem.contains(words) && invalid.as_deref() == Some("true")).then_some(())
        })
        .await;
    }

    /// Waits until the focus is in a field.
    pub(super) async fn has_focus_in(&self, field: &str) {
        self.until(&format!("cursor in {field}"), async || {
            let active = self.browser.active_element().await.ok()?;
            active.attr("name").await.ok()?.filter(|name| name == field)
        })
        .await;
    }

    /// Waits until the countdown is at or below a number of seconds, and returns it.
    pub(super) async fn seconds_left(&self, at_most: u32) -> u32 {
        self.until(&format!("countdown at {at_most} or below"), async || {
            let css = Locator::Css(".js .asked #resend:disabled, html:not(.js) #send:disabled");
            let words = self.browser.find(css).await.ok()?.text().await.ok()?;
            let seconds: u32 = words.strip_suffix(" 秒后重新获取")?.parse().ok()?;
            (seconds <= at_most).then_some(seconds)
        })
        .await
    }

    /// Whether a code cannot be requested yet, on a page that no script changes.
    pub(super) async fn is_waiting(&self) -> bool {
        self.browser.find(Locator::Css("#send:disabled")).await.is_ok()
    }

    pub(super) async fn typed_in(&self, field: &str) -> String {
        self.field(field).await.prop("value").await.expect("answers").unwrap_or_default()
    }

    /// Returns the number that is typed in, without the blanks between its groups.
    pub(super) async fn number(&self) -> String {
        self.typed_in("mobile").await.replace(' ', "")
    }

    /// Returns the id of the shown captcha.
    pub(super) async fn picture(&self) -> String {
        self.typed_in("captcha_id").await
    }

    /// Waits until another captcha than this one is shown, with an empty answer.
    pub(super) async fn sees_another_picture(&self, before: &str) {
        self.until("another picture", async || {
            let id = self.find_field("captcha_id").await?.prop("value").await.ok()??;
            let typed = self.find_field("captcha").await?.prop("value").await.ok()??;
            let image = self.browser.find(Locator::Css(".picture img")).await.ok()?;
            let address = image.prop("src").await.ok()??;
            let drawn = self.app.answer_of(&id).await.is_some();
            let another = id != before && address.ends_with(&id) && drawn && typed.is_empty();
            another.then_some(())
        })
        .await;
    }

    /// Whether an element is visible.
    pub(super) async fn is_shown(&self, css: &str) -> bool {
        let element = self.browser.find(Locator::Css(css)).await.expect("an element");
        element.is_displayed().await.expect("answers")
    }

    /// Returns all messages of the browser's console.
    pub(super) async fn complaints(&self) -> Vec<Value> {
        let log = self.command("se/log", json!({ "type": "browser" })).await;
        let mut complaints = self.complaints.borrow_mut();
        complaints.extend(log.as_array().cloned().unwrap_or_default());
        complaints.clone()
    }

    /// Runs a script in the page and returns its result.
    pub(super) async fn run(&self, script: &str) -> Value {
        self.browser.execute(script, Vec::new()).await.expect("runs")
    }

    /// Sets the size of the page to that of a device, which can be smaller than any window.
    pub(super) async fn set_viewport(&self, width: u32, height: u32) {
        let device =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", device).await;
    }

    /// Sets media features such as `prefers-color-scheme`.
    pub(super) async fn prefer(&self, likings: &[(&str, &str)]) {
        let feature = |(name, value): &(&str, &str)| json!({ "name": name, "value": value });
        let features: Vec<_> = likings.iter().map(feature).collect();
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// Makes the pages of this tab behave as if their window had the focus, whatever the window manager or another
    /// browser does: without it, some versions of Chromium apply neither `:focus-visible` nor a focus ring.
    pub(super) async fn focus(&self) {
        self.devtools("Emulation.setFocusEmulationEnabled", json!({ "enabled": true })).await;
    }

    /// Forgets the files of all pages.
    pub(super) async fn clear_the_cache(&self) {
        self.devtools("Network.clearBrowserCache", json!({})).await;
    }

    /// Runs a script before those of every page that is opened from now on.
    pub(super) async fn run_before_all(&self, script: &str) {
        let source = json!({ "source": script });
        self.devtools("Page.addScriptToEvaluateOnNewDocument", source).await;
    }

    /// Blocks the scripts of pages; those of the test still run.
    pub(super) async fn refuse_scripts(&self) {
        self.refuse("*/static/*.js").await;
    }

    /// Blocks requests to such URLs.
    pub(super) async fn refuse(&self, addresses: &str) {
        self.devtools("Network.enable", json!({})).await;
        self.devtools("Network.setBlockedURLs", json!({ "urls": [addresses] })).await;
    }

    /// Returns the width of the page, and how much of it is visible without scrolling sideways.
    pub(super) async fn widths(&self) -> (u64, u64) {
        let script = "return [document.documentElement.scrollWidth, window.innerWidth]";
        let widths = self.run(script).await;
        let width = |index: usize| widths[index].as_u64().expect("a width");
        (width(0), width(1))
    }

    /// Returns a picture of the whole page as a PNG in base64.
    pub(super) async fn photograph(&self) -> String {
        let how = json!({ "captureBeyondViewport": true });
        let picture = self.devtools("Page.captureScreenshot", how).await;
        picture["data"].as_str().expect("a picture").to_owned()
    }

    pub(super) async fn answer_of_the_picture(&self) -> String {
        self.until("a picture", async || {
            let id = self.find_field("captcha_id").await?.prop("value").await.ok()??;
            self.app.answer_of(&id).await
        })
        .await
    }

    pub(super) async fn field(&self, name: &str) -> Element {
        self.until(name, async || self.find_field(name).await).await
    }

    pub(super) async fn find_field(&self, name: &str) -> Option<Element> {
        self.browser.find(Locator::Css(&format!("input[name={name}]"))).await.ok()
    }

    /// Waits until an element exists that fulfils all conditions of the path.
    async fn finds(&self, path: &str) -> Element {
        self.until(path, async || self.browser.find(Locator::XPath(path)).await.ok()).await
    }

    async fn seen(&self) -> Option<String> {
        self.browser.find(Locator::Css("body")).await.ok()?.text().await.ok()
    }

    /// Repeats `look` until it returns something; a page that is being left shows nothing.
    pub(super) async fn until<T: Debug>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let end = Instant::now() + TIMEOUT;
        loop {
            if let Some(seen) = look().await {
                return seen;
            }
            if Instant::now() > end {
                let address = self.browser.current_url().await.expect("a page");
                panic!("no {what} at {address}:\n{}", self.seen().await.unwrap_or_default());
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    async fn devtools(&self, command: &str, params: Value) -> Value {
        self.command("goog/cdp/execute", json!({ "cmd": command, "params": params })).await
    }

    async fn command(&self, path: &'static str, body: Value) -> Value {
        self.browser.issue_cmd(Command { path, body }).await.expect("chromedriver answers")
    }
}

/// A command of Chromium that is not in the `WebDriver` standard.
#[derive(Debug)]
struct Command {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
