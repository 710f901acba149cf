//! A client of Haoma, a browser or a program, with its cookies.

use std::{collections::BTreeMap, sync::Mutex, time::Duration};

use actix_web::cookie::{Cookie, time::Duration as CookieDuration};
use reqwest::{
    Method, RequestBuilder, StatusCode,
    header::{CONTENT_TYPE, COOKIE, HOST, HeaderMap, ORIGIN, SET_COOKIE},
};
use serde_json::{Value, json};

use crate::app::{PASSWORD, TestApp};

/// The content type of forms.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// A browser or a program, with its cookies.
pub struct TestClient<'a> {
    pub app: &'a TestApp,
    client: reqwest::Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// An answer of the server.
#[derive(Debug)]
pub struct TestResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl TestResponse {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("JSON: {self:?}"))
    }

    pub fn errno(&self) -> String {
        self.json()["errno"].as_str().expect("errno is text").to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |header| header.to_str().expect("a readable header"))
    }

    /// Returns headers and body without what differs from one answer to the next: the date and the request id.
    pub fn without_request_id(&self) -> (HeaderMap, String) {
        let mut headers = self.headers.clone();
        headers.remove("date");
        let name = headers.remove("x-request-id").expect("a name");
        (headers, self.body.replace(name.to_str().expect("a text"), ""))
    }

    /// Returns the cookies that the answer sets.
    pub fn cookies(&self) -> Vec<Cookie<'static>> {
        let texts = self.headers.get_all(SET_COOKIE).iter();
        let texts = texts.map(|header| header.to_str().expect("a cookie").to_owned());
        texts.map(|text| Cookie::parse(text).expect("a cookie")).collect()
    }

    /// Returns the error messages of a page: the alert, the problems beside fields, or the sentence of an error page.
    pub fn messages(&self) -> Vec<String> {
        let paragraphs = ["<p class=\"alert\"", "<p class=\"problem\"", "<p class=\"lead\""];
        let parts =
            paragraphs.iter().flat_map(|paragraph| self.body.split(paragraph).skip(1)).map(inside);
        parts.filter(|text| !text.is_empty()).collect()
    }

    /// Returns the text of the element with this id; `None` if there is no such element.
    pub fn text_of(&self, id: &str) -> Option<String> {
        self.body.split_once(&format!("id=\"{id}\"")).map(|(_, element)| inside(element))
    }

    /// Returns the value of an attribute or of a hidden field that follows this text.
    pub fn value_after(&self, before: &str) -> String {
        let (_, after) = self.body.split_once(before).expect("the attribute");
        unescaped(after.split('"').next().unwrap_or_default())
    }

    /// Returns everything that a browser gets, to search it for secrets.
    pub fn headers_and_body(&self) -> String {
        format!("{:?}\n{}", self.headers, self.body)
    }
}

/// Returns the text of an element, given the page from within its opening tag on.
fn inside(element: &str) -> String {
    let (_, text) = element.split_once('>').unwrap_or_default();
    unescaped(text.split('<').next().unwrap_or_default().trim())
}

fn unescaped(text: &str) -> String {
    let marks = [
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    marks.iter().fold(text.to_owned(), |text, (mark, letter)| text.replace(mark, letter))
}

impl<'a> TestClient<'a> {
    pub fn new(app: &'a TestApp, client: reqwest::Client) -> Self {
        Self { app, client, cookies: Mutex::default() }
    }

    pub async fn get(&self, path: &str) -> TestResponse {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn delete(&self, path: &str) -> TestResponse {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub async fn post_json(&self, path: &str, body: &Value) -> TestResponse {
        self.post_body(path, "application/json", body.to_string()).await
    }

    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> TestResponse {
        self.post_body(path, FORM, form_of(fields)).await
    }

    /// Sends a body of any content type. Of a form that is shown again it returns the page that shows it, with the cookies
    /// and the id of the answer that led there.
    pub async fn post_body(
        &self,
        path: &str,
        content_type: &str,
        body: impl Into<reqwest::Body>,
    ) -> TestResponse {
        let request = self.request(Method::POST, path).header(CONTENT_TYPE, content_type);
        let answer = self.send(request.body(body)).await;
        if !answer.cookies().iter().any(is_of_a_form) {
            return answer;
        }
        let mut page = self.get(answer.header("location")).await;
        page.headers.remove(SET_COOKIE);
        for cookie in answer.cookies().iter().filter(|cookie| !is_of_a_form(cookie)) {
            page.headers.append(SET_COOKIE, cookie.to_string().parse().expect("a header"));
        }
        page.headers.insert("x-request-id", answer.headers["x-request-id"].clone());
        page
    }

    /// Builds a request as a browser on our own page sends it, without the cookies, which `send` adds.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let is_read = method == Method::GET;
        let request = self.request_without_origin(method, path);
        if is_read { request } else { request.header(ORIGIN, &self.app.origin) }
    }

    /// Builds the same without `Origin`, as programs send it.
    pub fn request_without_origin(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.app.base));
        match &self.app.host {
            Some(host) => request.header(HOST, host),
            None => request,
        }
    }

    /// Sends a request with the cookies of this client, and stores those of the answer.
    pub async fn send(&self, request: RequestBuilder) -> TestResponse {
        let cookies = self.cookie_jar();
        let cookies: Vec<_> =
            cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request =
            if cookies.is_empty() { request } else { request.header(COOKIE, cookies.join("; ")) };
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.expect("a body");
        let answer =
            TestResponse { status, headers, body: String::from_utf8_lossy(&body).into_owned() };
        let mut jar = self.cookies.lock().expect("cookies");
        for cookie in answer.cookies() {
            if cookie.value().is_empty() || cookie.max_age() == Some(CookieDuration::ZERO) {
                jar.remove(cookie.name());
            } else {
                jar.insert(cookie.name().to_owned(), cookie.value().to_owned());
            }
        }
        answer
    }

    /// Returns all stored cookies.
    pub fn cookie_jar(&self) -> BTreeMap<String, String> {
        self.cookies.lock().expect("cookies").clone()
    }

    /// Replaces all stored cookies.
    pub fn set_cookies(&self, jar: BTreeMap<String, String>) {
        *self.cookies.lock().expect("cookies") = jar;
    }

    /// Gets a new captcha and returns its id and its answer.
    pub async fn solve_captcha(&self) -> (String, String) {
        let id = uuid::Uuid::new_v4().to_string();
        let picture = self
            .request_without_origin(Method::GET, &format!("/api/v1/captchas/{id}"))
            .send()
            .await;
        assert!(picture.expect("a picture").status().is_success());
        let answer = self.app.answer_of(&id).await.expect("an answer");
        (id, answer)
    }

    /// Requests a code for registration.
    pub async fn request_code(&self, mobile: &str) -> TestResponse {
        let (captcha_id, captcha) = self.solve_captcha().await;
        let body = json!({
            "mobile": mobile, "purpose": "register", "captcha_id": captcha_id, "captcha": captcha,
        });
        self.post_json("/api/v1/sms-codes", &body).await
    }

    /// Registers a number: captcha, code and account.
    pub async fn register(&self, mobile: &str) -> TestResponse {
        let asked = self.request_code(mobile).await;
        assert_eq!(asked.status, StatusCode::OK, "{asked:?}");
        let sms_code = self.app.gateway.code_for(mobile);
        let body = json!({ "mobile": mobile, "sms_code": sms_code, "password": PASSWORD });
        self.post_json("/api/v1/users", &body).await
    }

    /// Returns this client after it has registered the number, so that it is signed in.
    pub async fn signed_in(self, mobile: &str) -> Self {
        let registered = self.register(mobile).await;
        assert_eq!(registered.status, StatusCode::CREATED, "{registered:?}");
        self
    }

    /// Whether the client is signed in.
    pub async fn is_signed_in(&self) -> bool {
        self.get("/api/v1/session").await.status == StatusCode::OK
    }
}

/// Whether a cookie holds a form that is to be shown again.
fn is_of_a_form(cookie: &Cookie<'_>) -> bool {
    cookie.name().contains("haoma_form_")
}

/// Returns an HTTP client that follows no redirects and gives up after a time.
///
/// It closes idle connections before the service does: otherwise, on a busy machine, it would send into a connection that
/// is being closed.
pub fn client(patience: Duration) -> reqwest::Client {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    // Loading the CA certificates of the system would take longer than most requests, and no request uses TLS.
    let client = client.tls_certs_only([]).pool_idle_timeout(Duration::from_secs(5));
    client.timeout(patience).build().expect("a client")
}

pub fn form_of(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}
