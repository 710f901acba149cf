//! Somebody in front of Chromium.

use std::{
    cell::RefCell,
    fmt::Debug,
    io::{self, Read as _, Write as _},
    net::TcpStream,
    sync::Once,
    thread,
    time::{Duration, Instant},
};

use fantoccini::{
    Client, ClientBuilder,
    elements::Element,
    key::Key,
    wd::{Locator, WebDriverCompatibleCommand},
};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::sleep,
};
use url::{ParseError, Url};

use crate::{
    databases::given,
    haoma::{self, Haoma},
};

/// More than anything takes on a busy machine: it is only waited for by a test that fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// Browsers that run at once.
static SEATS: Semaphore = Semaphore::const_new(2);

/// A person with a browser of their own, that knows nothing yet.
pub(super) struct Person<'a> {
    pub(super) haoma: &'a Haoma,
    browser: Client,
    driver: Url,
    session: String,
    /// What the browser complained about so far.
    complaints: RefCell<Vec<Value>>,
    _profile: TempDir,
    _seat: SemaphorePermit<'static>,
}

/// Whether the browser runs scripts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    On,
    Off,
}

/// Runs a test on each home of Haoma, when there is a browser to run it in.
pub(super) async fn on_each(test: impl AsyncFn(&Person<'_>)) {
    on_each_with(&[], Script::On, test).await;
}

/// The same with settings of the test's own.
pub(super) async fn on_each_with(
    settings: &[(&str, &str)],
    script: Script,
    test: impl AsyncFn(&Person<'_>),
) {
    static SAID: Once = Once::new();

    let Some(driver) = given("TEST_WEBDRIVER_URL", &SAID) else { return };
    haoma::on_each_with(settings, async |haoma| {
        let person = Person::sit_down(haoma, &driver, script).await;
        test(&person).await;
        let complaints = person.complaints().await;
        // That an answer was 422 the browser calls an error, too; the tests look at those themselves.
        let serious: Vec<_> = complaints.iter().filter(|it| it["source"] != "network").collect();
        assert!(serious.is_empty(), "{serious:?}");
    })
    .await;
}

/// Doing.
impl<'a> Person<'a> {
    async fn sit_down(haoma: &'a Haoma, driver: &str, script: Script) -> Self {
        let seat = SEATS.acquire().await.expect("never closed");
        let profile = TempDir::new().expect("a folder");
        let capabilities = capabilities(&profile, script);
        let capabilities = capabilities.as_object().expect("an object").clone();
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let browser = builder.capabilities(capabilities).connect(driver).await.expect("a browser");
        let session = browser.session_id().await.expect("answers").expect("a session");
        let driver = driver.parse().expect("an address");
        let complaints = RefCell::default();
        Self { haoma, browser, driver, session, complaints, _profile: profile, _seat: seat }
    }

    /// A second browser, which knows nothing of the first; only one test may want one, or two of them
    /// could wait for each other's seat.
    pub(super) async fn another_browser(&self) -> Self {
        Self::sit_down(self.haoma, self.driver.as_str(), Script::On).await
    }

    pub(super) async fn open(&self, path: &str) {
        self.browser.goto(&format!("{}{path}", self.haoma.base)).await.expect("a page");
    }

    pub(super) async fn reload(&self) {
        self.browser.refresh().await.expect("a page");
    }

    pub(super) async fn go_back(&self) {
        self.browser.back().await.expect("a page");
    }

    pub(super) async fn open_a_second_tab(&self) {
        let tab = self.browser.new_window(true).await.expect("a tab");
        self.browser.switch_to_window(tab.handle).await.expect("the tab");
    }

    /// Types into a field, instead of what is there.
    pub(super) async fn type_into(&self, field: &str, text: &str) {
        let input = self.field(field).await;
        input.clear().await.expect("an input");
        input.send_keys(text).await.expect("an input");
    }

    pub(super) async fn press_enter_in(&self, field: &str) {
        let enter = char::from(Key::Enter).to_string();
        self.field(field).await.send_keys(&enter).await.expect("an input");
    }

    /// Presses the button, or follows the link, with these words on it.
    pub(super) async fn press(&self, words: &str) {
        let path = format!(
            "//*[self::button[not(@aria-hidden)] or self::a][normalize-space(.)='{words}'] \
             | //input[@type='submit'][@value='{words}']"
        );
        self.until(words, async || {
            let control = self.browser.find(Locator::XPath(&path)).await.ok()?;
            control.click().await.ok()
        })
        .await;
    }

    /// Reads the picture and types what it says; the answer comes from the server's own memory.
    pub(super) async fn solve_the_picture(&self) {
        let answer = self.answer_of_the_picture().await;
        self.type_into("captcha", &answer).await;
    }

    /// Types other letters than the picture's.
    pub(super) async fn misread_the_picture(&self) {
        let answer = self.answer_of_the_picture().await;
        self.type_into("captcha", &misread(&answer)).await;
    }

    /// Everything from an empty page to a code on the phone, which is returned.
    pub(super) async fn ask_for_a_code(&self, mobile: &str) -> String {
        self.open("/register").await;
        self.type_into("mobile", mobile).await;
        self.solve_the_picture().await;
        self.press("获取短信验证码").await;
        self.sees("验证码已发送至").await;
        self.haoma.gateway.code_for(mobile)
    }
}

/// Seeing.
impl Person<'_> {
    pub(super) async fn is_at(&self, path: &str) {
        let address = format!("{}{path}", self.haoma.base);
        self.until(&address, async || {
            self.browser.current_url().await.ok().filter(|it| it.as_str() == address)
        })
        .await;
    }

    /// Waits until these words can be seen.
    pub(super) async fn sees(&self, words: &str) {
        self.until(words, async || self.seen().await.filter(|it| it.contains(words))).await;
    }

    /// Waits for words in an element that can be seen, and says which.
    pub(super) async fn shown_in(&self, css: &str) -> String {
        self.until(css, async || {
            let element = self.browser.find(Locator::Css(css)).await.ok()?;
            element.text().await.ok().filter(|it| !it.is_empty())
        })
        .await
    }

    /// An attribute as it stands in the page, not as the browser understands it.
    pub(super) async fn attribute(&self, css: &str, name: &str) -> Option<String> {
        self.browser.find(Locator::Css(css)).await.ok()?.attr(name).await.ok()?
    }

    /// Waits until the page has these words in a box of the browser's, and closes it.
    pub(super) async fn is_alerted(&self, words: &str) {
        self.until(words, async || {
            self.browser.get_alert_text().await.ok().filter(|it| it.contains(words))
        })
        .await;
        self.browser.accept_alert().await.expect("a box");
    }

    /// Does not see any more.
    pub(super) async fn lacks(&self, words: &str) {
        let gone = format!("page without {words}");
        self.until(&gone, async || self.seen().await.filter(|it| !it.contains(words))).await;
    }

    /// Waits until a control reads exactly so, and can be pressed.
    pub(super) async fn can_press(&self, id: &str, words: &str) {
        self.finds(&format!("//*[@id='{id}'][not(@disabled)][normalize-space(.)='{words}']")).await;
    }

    /// Waits until a control reads exactly so, and cannot be pressed.
    pub(super) async fn cannot_press(&self, id: &str, words: &str) {
        self.finds(&format!("//*[@id='{id}'][@disabled][normalize-space(.)='{words}']")).await;
    }

    /// Waits until a problem is told beside a field, and for the field to say that it has one.
    pub(super) async fn is_told_beside(&self, field: &str, words: &str) {
        self.until(&format!("{field}: {words}"), async || {
            let id = format!("{field}-problem");
            let problem = self.browser.find(Locator::Id(&id)).await.ok()?.text().await.ok()?;
            let input = self.find_field(field).await?;
            let invalid = input.attr("aria-invalid").await.ok()?;
            (problem.contains(words) && invalid.as_deref() == Some("true")).then_some(())
        })
        .await;
    }

    /// Waits until the cursor is in a field.
    pub(super) async fn stands_in(&self, field: &str) {
        self.until(&format!("cursor in {field}"), async || {
            let active = self.browser.active_element().await.ok()?;
            active.attr("name").await.ok()?.filter(|it| it == field)
        })
        .await;
    }

    /// Waits for the countdown to be at or below a number of seconds, and says where it is.
    pub(super) async fn seconds_left(&self, at_most: u32) -> u32 {
        self.until(&format!("countdown at {at_most} or below"), async || {
            let button = self.browser.find(Locator::Css("#send:disabled")).await.ok()?;
            let words = button.text().await.ok()?;
            let seconds: u32 = words.strip_suffix(" 秒后可重新获取")?.parse().ok()?;
            (seconds <= at_most).then_some(seconds)
        })
        .await
    }

    /// Whether a code cannot be asked for yet; to be asked where no script changes that.
    pub(super) async fn is_waiting(&self) -> bool {
        self.browser.find(Locator::Css("#send:disabled")).await.is_ok()
    }

    pub(super) async fn typed_in(&self, field: &str) -> String {
        self.field(field).await.prop("value").await.expect("answers").unwrap_or_default()
    }

    /// The id of the picture that is shown.
    pub(super) async fn picture(&self) -> String {
        self.typed_in("captcha_id").await
    }

    /// Waits until a picture other than this one is shown, with nothing typed for it yet.
    pub(super) async fn sees_another_picture(&self, before: &str) {
        self.until("another picture", async || {
            let id = self.find_field("captcha_id").await?.prop("value").await.ok()??;
            let typed = self.find_field("captcha").await?.prop("value").await.ok()??;
            let image = self.browser.find(Locator::Css(".picture img")).await.ok()?;
            let address = image.prop("src").await.ok()??;
            let drawn = self.haoma.answer_of(&id).await.is_some();
            let another = id != before && address.ends_with(&id) && drawn && typed.is_empty();
            another.then_some(())
        })
        .await;
    }

    /// Whether an element can be seen.
    pub(super) async fn is_shown(&self, css: &str) -> bool {
        let element = self.browser.find(Locator::Css(css)).await.expect("an element");
        element.is_displayed().await.expect("answers")
    }

    /// What the browser's console holds, from the beginning.
    pub(super) async fn complaints(&self) -> Vec<Value> {
        let log = self.command("se/log", json!({ "type": "browser" })).await;
        let mut complaints = self.complaints.borrow_mut();
        complaints.extend(log.as_array().cloned().unwrap_or_default());
        complaints.clone()
    }

    /// Runs a script in the page, and tells what it returns.
    pub(super) async fn run(&self, script: &str) -> Value {
        self.browser.execute(script, Vec::new()).await.expect("runs")
    }

    /// Makes the page as wide as a device, which a window cannot always be.
    pub(super) async fn hold(&self, width: u32, height: u32) {
        let device =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", device).await;
    }

    /// How far the page reaches, and how much of that can be seen without scrolling sideways.
    pub(super) async fn widths(&self) -> (u64, u64) {
        let script = "return [document.documentElement.scrollWidth, window.innerWidth]";
        let widths = self.run(script).await;
        let width = |it: usize| widths[it].as_u64().expect("a width");
        (width(0), width(1))
    }

    /// The whole page as a PNG in base64.
    pub(super) async fn photograph(&self) -> String {
        let how = json!({ "captureBeyondViewport": true });
        let picture = self.devtools("Page.captureScreenshot", how).await;
        picture["data"].as_str().expect("a picture").to_owned()
    }

    async fn answer_of_the_picture(&self) -> String {
        self.until("a picture", async || {
            let id = self.find_field("captcha_id").await?.prop("value").await.ok()??;
            self.haoma.answer_of(&id).await
        })
        .await
    }

    async fn field(&self, name: &str) -> Element {
        self.until(name, async || self.find_field(name).await).await
    }

    async fn find_field(&self, name: &str) -> Option<Element> {
        self.browser.find(Locator::Css(&format!("input[name={name}]"))).await.ok()
    }

    /// Waits until something is there: all that is asked of it is asked in one look.
    async fn finds(&self, path: &str) -> Element {
        self.until(path, async || self.browser.find(Locator::XPath(path)).await.ok()).await
    }

    async fn seen(&self) -> Option<String> {
        self.browser.find(Locator::Css("body")).await.ok()?.text().await.ok()
    }

    /// Looks until there is something to see; a page that is just being left shows nothing.
    pub(super) async fn until<T: Debug>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
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

/// Other letters than the picture's.
pub(super) fn misread(answer: &str) -> String {
    answer.chars().map(|it| if it == 'a' { 'b' } else { 'a' }).collect()
}

/// The browser is closed also when the test fails.
impl Drop for Person<'_> {
    fn drop(&mut self) {
        let closed = close(&self.driver, &self.session);
        assert!(closed.is_ok() || thread::panicking(), "{closed:?}");
    }
}

/// By hand, since `drop` cannot wait for a future.
fn close(driver: &Url, session: &str) -> io::Result<()> {
    let mut line = TcpStream::connect(driver.socket_addrs(|| None)?.as_slice())?;
    line.set_read_timeout(Some(PATIENCE))?;
    write!(line, "DELETE /session/{session} HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    // The answer begins when the browser is closed; the line then stays open.
    line.read_exact(&mut [0])
}

fn capabilities(profile: &TempDir, script: Script) -> Value {
    let args = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
        "--no-first-run",
        "--hide-scrollbars",
        &format!("--user-data-dir={}", profile.path().display()),
    ];
    let mut prefs = json!({ "intl.accept_languages": "zh-CN" });
    if script == Script::Off {
        prefs["profile.managed_default_content_settings.javascript"] = json!(2);
    }
    json!({
        "goog:chromeOptions": { "args": args, "prefs": prefs },
        "goog:loggingPrefs": { "browser": "ALL" },
    })
}

/// A command that the standard does not know.
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
