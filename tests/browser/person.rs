//! A person who uses Chromium.

use std::{
    cell::RefCell,
    io::{self, Read as _, Write as _},
    net::TcpStream,
    thread,
    time::Duration,
};

use fantoccini::{
    Client, ClientBuilder,
    actions::{InputSource as _, KeyAction, KeyActions},
    key::Key,
    wd::Locator,
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use test_support::{
    app::{self, PASSWORD, TestApp},
    databases::{execute, mysql_server, required_part, sqlite_url},
    not_run,
    processes::Process,
};
use tokio::sync::{Semaphore, SemaphorePermit};
use url::Url;

/// Longer than anything takes on a busy machine: only a test that fails waits so long.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);

/// Limits the browsers that run at once.
static BROWSER_PERMITS: Semaphore = Semaphore::const_new(2);

/// A person with a new browser.
pub(super) struct Person<'a> {
    pub(super) app: &'a TestApp,
    pub(super) browser: Client,
    driver: Url,
    session: String,
    /// The messages of the browser's console so far.
    pub(super) complaints: RefCell<Vec<Value>>,
    _profile: TempDir,
    _permit: SemaphorePermit<'static>,
}

/// Whether the browser runs scripts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    On,
    Off,
}

/// Runs a test on each backend, if a browser is installed.
pub(super) async fn on_each(test: impl AsyncFn(&Person<'_>)) {
    on_each_with(&[], Script::On, test).await;
}

/// Does the same with settings of the test's own.
pub(super) async fn on_each_with(
    settings: &[(&str, &str)],
    script: Script,
    test: impl AsyncFn(&Person<'_>),
) {
    let Some(driver) = required_part("TEST_WEBDRIVER_URL") else { return };
    app::on_each_with(settings, async |app| {
        let person = Person::start(app, &driver, script).await;
        test(&person).await;
        let complaints = person.complaints().await;
        // The browser logs an answer of 422 as an error too; the tests check those themselves.
        let serious: Vec<_> =
            complaints.iter().filter(|complaint| complaint["source"] != "network").collect();
        assert!(serious.is_empty(), "{serious:?}");
    })
    .await;
}

/// Does the same on SQLite and memory only, for tests that do not depend on the stores.
pub(super) async fn on_sqlite(
    settings: &[(&str, &str)],
    script: Script,
    test: impl AsyncFn(&Person<'_>),
) {
    let Some(driver) = required_part("TEST_WEBDRIVER_URL") else { return };
    let folder = TempDir::new().expect("a folder");
    let app = TestApp::start(&[("DATABASE_URL", sqlite_url(&folder))], settings).await;
    test(&Person::start(&app, &driver, script).await).await;
    app.stop().await;
}

/// Does the same on its own MySQL server, for a test that stops it.
pub(super) async fn on_stoppable_mysql(
    settings: &[(&str, &str)],
    script: Script,
    test: impl AsyncFn(&Person<'_>, &mut Process),
) {
    let Some(driver) = required_part("TEST_WEBDRIVER_URL") else { return };
    if mysql_server().is_none() {
        return;
    }
    let mut database = Process::mariadb().await;
    let server = database.mysql_root();
    execute(server.clone(), "CREATE DATABASE haoma".to_owned());
    let app = TestApp::start(&[("DATABASE_URL", format!("{server}/haoma"))], settings).await;
    test(&Person::start(&app, &driver, script).await, &mut database).await;
    app.stop().await;
}

impl<'a> Person<'a> {
    async fn start(app: &'a TestApp, driver: &str, script: Script) -> Self {
        let permit = BROWSER_PERMITS.acquire().await.expect("never closed");
        let profile = TempDir::new().expect("a folder");
        let capabilities = capabilities(&profile, script);
        let capabilities = capabilities.as_object().expect("an object").clone();
        let browser = start(&capabilities, driver).await;
        let session = browser.session_id().await.expect("answers").expect("a session");
        let driver = driver.parse().expect("an address");
        let complaints = RefCell::default();
        let person =
            Self { app, browser, driver, session, complaints, _profile: profile, _permit: permit };
        person.focus().await;
        person
    }

    /// Starts a second browser without cookies. Only one test may do so, because two could wait for each other's
    /// permit.
    pub(super) async fn another_browser(&self) -> Self {
        Self::start(self.app, self.driver.as_str(), Script::On).await
    }

    pub(super) async fn open(&self, path: &str) {
        self.browser.goto(&format!("{}{path}", self.app.base)).await.expect("a page");
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
        self.focus().await;
    }

    /// Replaces the text of a field.
    pub(super) async fn type_into(&self, field: &str, text: &str) {
        let input = self.field(field).await;
        input.clear().await.expect("an input");
        input.send_keys(text).await.expect("an input");
    }

    pub(super) async fn press_enter_in(&self, field: &str) {
        let enter = char::from(Key::Enter).to_string();
        self.field(field).await.send_keys(&enter).await.expect("an input");
    }

    pub(super) async fn press_key_in(&self, field: &str, key: impl Into<char>) {
        self.field(field).await.send_keys(&key.into().to_string()).await.expect("an input");
    }

    /// Presses a key, whatever element has the focus.
    pub(super) async fn press_key(&self, key: impl Into<char>) {
        self.press_keys(&[key.into()]).await;
    }

    pub(super) async fn press_with_shift(&self, key: impl Into<char>) {
        self.press_keys(&[Key::Shift.into(), key.into()]).await;
    }

    pub(super) async fn press_with_control(&self, key: impl Into<char>) {
        self.press_keys(&[Key::Control.into(), key.into()]).await;
    }

    /// Presses several keys together.
    async fn press_keys(&self, keys: &[char]) {
        let down = keys.iter().map(|value| KeyAction::Down { value: *value });
        let up = keys.iter().rev().map(|value| KeyAction::Up { value: *value });
        let keyboard = KeyActions::new("keyboard".to_owned());
        let strokes = down.chain(up).fold(keyboard, KeyActions::then);
        self.browser.perform_actions(strokes).await.expect("a keyboard");
    }

    /// Clicks the element of a selector.
    pub(super) async fn click(&self, css: &str) {
        self.until(css, async || {
            self.browser.find(Locator::Css(css)).await.ok()?.click().await.ok()
        })
        .await;
    }

    /// Clicks the button or link with these words.
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

    /// Types the answer of the captcha, which is read from the server's memory.
    pub(super) async fn solve_the_picture(&self) {
        let answer = self.answer_of_the_picture().await;
        self.type_into("captcha", &answer).await;
    }

    /// Types a wrong answer to the captcha.
    pub(super) async fn misread_the_picture(&self) {
        let answer = self.answer_of_the_picture().await;
        self.type_into("captcha", &misread(&answer)).await;
    }

    /// Requests a code with the right answer to the captcha, which is asked for after the button where scripts run.
    pub(super) async fn send(&self) {
        self.send_with(str::to_owned).await;
    }

    /// Requests a code with a wrong answer to the captcha.
    pub(super) async fn send_misread(&self) {
        self.send_with(misread).await;
    }

    async fn send_with(&self, typed: impl Fn(&str) -> String) {
        self.open_the_sheet().await;
        let answer = self.answer_of_the_picture().await;
        self.type_into("captcha", &typed(&answer)).await;
        self.send_without_scripts().await;
    }

    /// Presses the button for a code where no script does so at the last character of the captcha.
    pub(super) async fn send_without_scripts(&self) {
        if !self.has_scripts().await {
            self.click("#send").await;
        }
    }

    /// Presses the button for a code where scripts ask for the captcha after that.
    pub(super) async fn open_the_sheet(&self) {
        if !self.has_scripts().await {
            return;
        }
        let is_at_code = self.browser.find(Locator::Css("form.asked")).await.is_ok();
        self.click(if is_at_code { "#resend:enabled" } else { "#send:enabled" }).await;
        self.has("#sheet[open], #agree[open]").await;
        if self.browser.find(Locator::Css("#agree[open]")).await.is_ok() {
            self.click("#agree [value=agree]").await;
        }
        self.has("#sheet[open]").await;
    }

    /// Types a number, on a page that may be one step further with another number.
    pub(super) async fn type_number(&self, mobile: &str) {
        if self.browser.find(Locator::Css(".js form.asked")).await.is_ok() {
            self.click("#other-number").await;
        }
        self.type_into("mobile", mobile).await;
    }

    /// Whether our script runs on the page.
    pub(super) async fn has_scripts(&self) -> bool {
        self.run("return document.documentElement.classList.contains('js')").await == true
    }

    /// Opens the registration page and types a number.
    pub(super) async fn begin_registration(&self, mobile: &str) {
        self.open("/register").await;
        self.type_number(mobile).await;
    }

    /// Types the code and the password, and registers.
    pub(super) async fn finish_registration(&self, code: &str) {
        self.type_into("sms_code", code).await;
        self.type_into("password", PASSWORD).await;
        self.press("注册").await;
        self.is_at("/account").await;
    }

    /// Opens the registration page, requests a code and returns it.
    pub(super) async fn ask_for_a_code(&self, mobile: &str) -> String {
        self.begin_registration(mobile).await;
        self.send().await;
        self.sees("验证码已发送至").await;
        self.app.gateway.code_for(mobile)
    }
}

/// Returns a wrong answer.
pub(super) fn misread(answer: &str) -> String {
    answer.chars().map(|character| if character == 'a' { 'b' } else { 'a' }).collect()
}

/// Closes the browser, also when the test fails.
impl Drop for Person<'_> {
    fn drop(&mut self) {
        let closed = close(&self.driver, &self.session);
        assert!(closed.is_ok() || thread::panicking(), "{closed:?}");
    }
}

/// Starts a browser. If that fails, it tries once more, since a busy machine may end a browser while it starts; the run
/// reports it at its end.
async fn start(capabilities: &Map<String, Value>, driver: &str) -> Client {
    let connect = async || {
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities.clone()).connect(driver).await
    };
    match connect().await {
        Ok(browser) => browser,
        Err(error) => {
            not_run::remark(&format!("a browser was started twice, because of {error}"));
            connect().await.expect("a browser, started a second time")
        }
    }
}

/// Sends the request over a plain socket, because `drop` cannot await.
fn close(driver: &Url, session: &str) -> io::Result<()> {
    let mut line = TcpStream::connect(driver.socket_addrs(|| None)?.as_slice())?;
    line.set_read_timeout(Some(TIMEOUT))?;
    write!(line, "DELETE /session/{session} HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    // The answer begins when the browser is closed; the connection then stays open.
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
