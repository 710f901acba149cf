//! Whoever has not proved a number learns from no answer whether it has an account, whatever happened before.
//!
//! Each history is played to a number without an account, to one with an account, and to one whose account is locked, each
//! time on a Haoma of its own. Every answer has to be alike.

use std::{cell::RefCell, time::Duration};

use haoma::{
    domain::{account::AccountSelector, mobile::Mobile, password::Password},
    flows::lock_user::lock_user,
};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use test_support::{
    app::{PASSWORD, TestApp, fresh_mobile, on_each_backends},
    client::{TestClient, TestResponse},
    databases::registered_with,
    interface::{Interface, own_interfaces},
    sms_codes::other_than,
    sms_gateway::Answer,
};

use self::Step::{
    PasswordsOfOthers, Send, UntypedCodes, VendorRefuses, VendorTakes, Wait, WrongCode,
    WrongPassword, WrongPasswordWithCaptcha,
};

/// Something that happens, or that a stranger tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// From now on the vendor sends nothing, with this answer.
    VendorRefuses(Refusal),
    VendorTakes,
    /// Seconds.
    Wait(u64),
    /// So many wrong passwords, each for another made-up number.
    PasswordsOfOthers(usize),
    /// So many codes to other numbers, which nobody types in.
    UntypedCodes(usize),
    /// Asks for a code for this purpose.
    Send(&'static str),
    /// Tries a code for this purpose.
    WrongCode(&'static str),
    WrongPassword,
    WrongPasswordWithCaptcha,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// It does not accept our account.
    Account,
    /// The number takes no messages.
    Number,
}

/// What there is of the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Unknown,
    Known,
    Locked,
}

/// Plays a history to a number of each kind and compares the answers.
async fn assert_tells_nothing(history: &[Step]) {
    assert_tells_nothing_with(&[], history).await;
}

async fn assert_tells_nothing_with(settings: &[(&str, &str)], history: &[Step]) {
    let mut told = Vec::new();
    for kind in [Kind::Unknown, Kind::Known, Kind::Locked] {
        let seen = RefCell::new(Vec::new());
        on_each_backends(async |backends| {
            let app = backends.open(settings).await;
            for interface in own_interfaces() {
                let stranger = Stranger::new(&app, interface, kind).await;
                for step in history {
                    let step_seen = stranger.play(*step).await;
                    seen.borrow_mut().push((backends.name, interface, *step, step_seen));
                }
                // So that the other interface begins anew.
                app.gateway.answer(Answer::Accept);
                app.advance(Duration::from_hours(24)).await;
            }
            app.stop().await;
        })
        .await;
        told.push((kind, seen.into_inner()));
    }
    let (_, of_unknown) = told.remove(0);
    for (kind, of_other) in told {
        for (unknown, other) in of_unknown.iter().zip(&of_other) {
            assert!(
                are_alike(unknown.3.as_ref(), other.3.as_ref()),
                "{kind:?}: {unknown:#?} {other:#?}"
            );
        }
    }
}

/// Somebody who does not know the number's owner.
struct Stranger<'a> {
    app: &'a TestApp,
    client: TestClient<'a>,
    interface: Interface,
    mobile: String,
}

impl<'a> Stranger<'a> {
    async fn new(app: &'a TestApp, interface: Interface, kind: Kind) -> Self {
        let mobile = fresh_mobile();
        if kind != Kind::Unknown {
            let password = Password::typed(PASSWORD).expect("a password");
            let hash = app.state.hasher.hash(&password).await.expect("hashes");
            registered_with(&app.state.db, &mobile, &format!("owner-{mobile}"), &hash).await;
        }
        if kind == Kind::Locked {
            let selector = AccountSelector::Mobile(Mobile::parse(&mobile).expect("a number"));
            lock_user(&app.state.db, &selector).await.expect("locks");
        }
        Self { app, client: app.client(), interface, mobile }
    }

    /// What is seen of the answer, if the step has one.
    async fn play(&self, step: Step) -> Option<Seen> {
        let response = match step {
            VendorRefuses(Refusal::Account) => {
                self.app.gateway.answer(Answer::Status(401));
                return None;
            }
            VendorRefuses(Refusal::Number) => {
                self.app.gateway.answer(Answer::Blocked);
                return None;
            }
            VendorTakes => {
                self.app.gateway.answer(Answer::Accept);
                return None;
            }
            Wait(seconds) => {
                self.app.advance(Duration::from_secs(seconds)).await;
                return None;
            }
            PasswordsOfOthers(count) => {
                for _ in 0..count {
                    let client = self.app.client();
                    self.interface.sign_in(&client, &fresh_mobile(), "wrong horse 7").await;
                }
                self.app.wait_for_background_tasks().await;
                return None;
            }
            UntypedCodes(count) => {
                for _ in 0..count {
                    let sent = self.app.client().request_code(&fresh_mobile()).await;
                    Interface::Json.assert_success(&sent, 200);
                }
                self.app.wait_for_background_tasks().await;
                return None;
            }
            Send(purpose) => return Some(self.send(purpose).await),
            WrongCode(purpose) => self.try_wrong_code(purpose).await,
            WrongPassword => {
                self.interface.sign_in(&self.client, &self.mobile, "wrong horse 7").await
            }
            WrongPasswordWithCaptcha => self.try_wrong_password_with_captcha().await,
        };
        self.app.wait_for_background_tasks().await;
        Some(Seen::new(&response, &self.mobile))
    }

    async fn send(&self, purpose: &str) -> Seen {
        let (id, answer) = self.client.solve_captcha().await;
        let fields = [("mobile", &*self.mobile), ("captcha_id", &id), ("captcha", &answer)];
        let step = [("by", "sms"), ("step", "send")];
        let response = match self.interface {
            Interface::Page => {
                self.client.post_form(page(purpose), &[&step, &fields[..]].concat()).await
            }
            Interface::Json | Interface::Ihome | Interface::Passport => {
                let body = json!({ "mobile": self.mobile, "purpose": purpose, "captcha_id": id,
                    "captcha": answer });
                self.client.post_json("/api/v1/sms-codes", &body).await
            }
        };
        self.app.wait_for_background_tasks().await;
        let mut seen = Seen::new(&response, &self.mobile);
        if self.interface == Interface::Page {
            // What the browser shows next: the countdown, and which captcha it asks for.
            let shown = self.client.get(&format!("{}?by=sms", page(purpose))).await;
            seen.next = Some(Box::new(Seen::new(&shown, &self.mobile)));
        }
        seen.letters = Some(self.client.solve_captcha().await.1.len());
        seen
    }

    async fn try_wrong_code(&self, purpose: &str) -> TestResponse {
        let sent = self.app.gateway.last_code_for(&self.mobile);
        let code = other_than(sent.as_deref().unwrap_or("000000"));
        let mut fields = vec![("mobile", &*self.mobile), ("sms_code", &code)];
        if purpose == "reset" {
            fields.push(("password", "battery staple 8"));
        }
        match self.interface {
            Interface::Page => {
                fields.extend([("by", "sms"), ("step", "login")]);
                self.client.post_form(page(purpose), &fields).await
            }
            Interface::Json | Interface::Ihome | Interface::Passport => {
                let path =
                    if purpose == "login" { "/api/v1/session" } else { "/api/v1/password-resets" };
                let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
                self.client.post_json(path, &fields.collect()).await
            }
        }
    }

    async fn try_wrong_password_with_captcha(&self) -> TestResponse {
        let (id, answer) = self.client.solve_captcha().await;
        let fields = [
            ("login", &*self.mobile),
            ("password", "wrong horse 7"),
            ("captcha_id", &id),
            ("captcha", &answer),
        ];
        self.interface.perform(&self.client, test_support::interface::Action::SignIn, &fields).await
    }
}

fn page(purpose: &str) -> &'static str {
    if purpose == "login" { "/login" } else { "/reset-password" }
}

/// All that can be seen of an answer, but for what differs between any two.
#[derive(Debug)]
struct Seen {
    status: u16,
    headers: HeaderMap,
    /// The names of cookies, and how long each is.
    cookies: Vec<(String, usize)>,
    /// Without numbers.
    body: String,
    /// The members of `data` that are no time.
    data: Value,
    /// Every time that is told.
    seconds: Vec<u64>,
    /// The page that follows.
    next: Option<Box<Self>>,
    /// The letters of the next picture.
    letters: Option<usize>,
}

impl Seen {
    fn new(response: &TestResponse, mobile: &str) -> Self {
        let (mut headers, body) = response.without_request_id();
        headers.remove("set-cookie");
        let retry_after = headers.remove("retry-after");
        let retry_after = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
        let mut seconds: Vec<u64> = retry_after.into_iter().collect();
        let mut body = body.replace(mobile, "MOBILE");
        for name in ["captcha_id", "idempotency_key"] {
            if body.contains(&format!("name=\"{name}\"")) {
                let id = response.value_after(&format!("name=\"{name}\" value=\""));
                body = body.replace(&id, "ID");
            }
        }
        let countdown = "data-resend-after=\"";
        if body.contains(countdown) {
            seconds.extend(response.value_after(countdown).parse::<u64>());
        }
        let mut data = serde_json::from_str::<Value>(&response.body).unwrap_or_default();
        let mut data = data.get_mut("data").map(Value::take).unwrap_or_default();
        for name in ["resend_after", "expires_in"] {
            let time = data.as_object_mut().and_then(|data| data.remove(name));
            seconds.extend(time.and_then(|time| time.as_u64()));
        }
        let cookies = response.cookies();
        let cookies =
            cookies.iter().map(|cookie| (cookie.name().to_owned(), cookie.value().len())).collect();
        let status = response.status.as_u16();
        let body = without_numbers(&body);
        Self { status, headers, cookies, body, data, seconds, next: None, letters: None }
    }
}

fn without_numbers(text: &str) -> String {
    let mut parts =
        text.split(|letter: char| letter.is_ascii_digit()).filter(|part| !part.is_empty());
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "#" + part)
}

fn are_alike(one: Option<&Seen>, other: Option<&Seen>) -> bool {
    let (one, other) = match (one, other) {
        (Some(one), Some(other)) => (one, other),
        (None, None) => return true,
        (Some(_), None) | (None, Some(_)) => return false,
    };
    // A busy machine takes its time between one answer and the other; what would tell lies minutes apart.
    let are_near = |(one, other): (&u64, &u64)| one.abs_diff(*other) <= 20;
    one.status == other.status
        && one.headers == other.headers
        && one.cookies == other.cookies
        && one.body == other.body
        && one.data == other.data
        && one.letters == other.letters
        && one.seconds.len() == other.seconds.len()
        && one.seconds.iter().zip(&other.seconds).all(are_near)
        && are_alike(one.next.as_deref(), other.next.as_deref())
}

#[tokio::test]
async fn what_is_tried_first_tells_nothing() {
    let history = [
        WrongPassword,
        WrongCode("login"),
        WrongCode("reset"),
        Send("login"),
        WrongCode("login"),
        Send("reset"),
        Wait(60),
        Send("reset"),
        WrongCode("reset"),
        WrongCode("login"),
        WrongPassword,
    ];
    assert_tells_nothing(&history).await;
}

#[tokio::test]
async fn a_vendor_that_refuses_our_account_tells_nothing() {
    for purpose in ["login", "reset"] {
        let history = [
            VendorRefuses(Refusal::Account),
            Send(purpose),
            Send(purpose),
            WrongCode(purpose),
            VendorTakes,
            Send(purpose),
            Wait(60),
            Send(purpose),
            Send(purpose),
            WrongCode(purpose),
        ];
        assert_tells_nothing(&history).await;
    }
}

#[tokio::test]
async fn a_vendor_that_refuses_a_number_tells_nothing() {
    for (purpose, other) in [("login", "reset"), ("reset", "login")] {
        let history = [
            VendorRefuses(Refusal::Number),
            Send(purpose),
            Send(other),
            WrongCode(purpose),
            Wait(60),
            Send(purpose),
            Send(purpose),
            WrongCode(purpose),
            VendorTakes,
            Wait(60),
            Send(other),
            WrongCode(other),
        ];
        assert_tells_nothing(&history).await;
    }
}

/// Five messages an hour.
#[tokio::test]
async fn a_vendor_that_refuses_a_number_for_an_hour_tells_nothing() {
    for purpose in ["login", "reset"] {
        let history = [Send(purpose), Wait(60)].repeat(7);
        let history = [vec![VendorRefuses(Refusal::Number)], history].concat();
        assert_tells_nothing(&history).await;
    }
}

#[tokio::test]
async fn wrong_codes_tell_nothing() {
    for purpose in ["login", "reset"] {
        let tries = [WrongCode(purpose); 6];
        let history = [
            &[Send(purpose)][..],
            &tries,
            &[Wait(60), Send(purpose)],
            &tries,
            &[Wait(60), Send(purpose), WrongCode(purpose), WrongPassword],
        ];
        assert_tells_nothing(&history.concat()).await;
    }
}

#[tokio::test]
async fn wrong_passwords_tell_nothing() {
    let history = [
        &[WrongPassword; 5][..],
        &[WrongPasswordWithCaptcha; 9],
        &[Send("reset"), Wait(300), WrongPassword, WrongPasswordWithCaptcha],
    ];
    assert_tells_nothing(&history.concat()).await;
}

#[tokio::test]
async fn wrong_passwords_of_other_numbers_tell_nothing() {
    let history = [PasswordsOfOthers(4), WrongPassword, WrongPassword, WrongPasswordWithCaptcha];
    assert_tells_nothing(&history).await;
}

/// E-ladder: the next picture has as many letters, whoever the last code went to.
#[tokio::test]
async fn codes_that_nobody_types_tell_nothing() {
    let settings = [("SMS_VERIFIED_AFTER_SECONDS", "0"), ("SMS_PER_MINUTE", "1000")];
    for purpose in ["login", "reset"] {
        let history = [UntypedCodes(19), Send(purpose), Wait(60), Send(purpose)];
        assert_tells_nothing_with(&settings, &history).await;
    }
}
