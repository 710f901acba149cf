//! What a user can reach: two Haomas and the phone. A request without an answer is `None`.

use std::{sync::Arc, time::Duration};

use haoma::sms::client;
use redis::aio::ConnectionManager;
use reqwest::{
    Client, Method, RequestBuilder,
    header::{COOKIE, ORIGIN, SET_COOKIE},
};
use serde_json::{Value, json};
use test_support::sms_gateway::Gateway;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

/// Far more than anything may take: a test has to find an answer that never comes.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Two Haomas, seen from outside.
#[derive(Clone)]
pub(super) struct Site {
    pub(super) bases: [String; 2],
    pub(super) gateway: Arc<Gateway>,
    client: Client,
    /// The Redis in which answers of captchas are read.
    redis: ConnectionManager,
}

/// The relevant parts of an answer.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) errno: String,
    cookies: String,
}

/// A captcha and its answer.
#[derive(Clone, Debug)]
pub(super) struct Solved {
    id: String,
    answer: String,
}

impl Site {
    /// Connections are not reused, because a request on one that is being closed would fail.
    pub(super) async fn new(bases: [String; 2], gateway: Arc<Gateway>, redis: &str) -> Self {
        // The first client of a process initialises TLS.
        drop(client::build().expect("a client"));
        let client =
            Client::builder().no_proxy().pool_max_idle_per_host(0).timeout(REQUEST_TIMEOUT);
        let redis = redis::Client::open(redis).expect("an address");
        let redis = redis.get_connection_manager().await.expect("a Redis");
        Self { bases, gateway, client: client.build().expect("a client"), redis }
    }

    /// Returns the number of connections to Redis, including the one that reads captchas.
    pub(super) async fn clients_of_redis(&self) -> u64 {
        let mut command = redis::cmd("CLIENT");
        let mut redis = self.redis.clone();
        let list: String = command.arg("LIST").query_async(&mut redis).await.expect("answers");
        u64::try_from(list.lines().count()).expect("few")
    }

    fn request(&self, at: usize, method: Method, path: &str) -> RequestBuilder {
        let base = &self.bases[at % self.bases.len()];
        self.client.request(method, format!("{base}{path}")).header(ORIGIN, base)
    }

    async fn post(&self, at: usize, path: &str, body: &Value) -> Option<Reply> {
        answers(self.request(at, Method::POST, path).json(body)).await
    }

    /// Returns the body of `/readyz`.
    pub(super) async fn readiness(&self, at: usize) -> Option<String> {
        self.request(at, Method::GET, "/readyz").send().await.ok()?.text().await.ok()
    }

    /// Returns a new captcha and its answer, or else the answer of the server.
    pub(super) async fn solves(&self, at: usize) -> Result<Solved, Option<Reply>> {
        let id = Uuid::new_v4().to_string();
        let drawn = answers(self.request(at, Method::GET, &format!("/api/v1/captchas/{id}"))).await;
        let answer = match &drawn {
            Some(drawn) if drawn.status == 200 => self.reads(&id).await,
            _ => None,
        };
        answer.map(|answer| Solved { id, answer }).ok_or(drawn)
    }

    async fn reads(&self, id: &str) -> Option<String> {
        let mut command = redis::cmd("GET");
        command.arg(format!("haoma:captcha:{id}"));
        let mut redis = self.redis.clone();
        // After an outage of Redis, Haoma reconnects sooner than this connection.
        let read = async {
            loop {
                match command.query_async::<Option<String>>(&mut redis).await {
                    Ok(read) => return read,
                    Err(_) => sleep(Duration::from_millis(20)).await,
                }
            }
        };
        timeout(REQUEST_TIMEOUT, read).await.ok()?
    }

    /// Requests a code for registration.
    pub(super) async fn request_code(
        &self,
        at: usize,
        mobile: &str,
        solved: &Solved,
    ) -> Option<Reply> {
        let body = json!({
            "mobile": mobile, "purpose": "register",
            "captcha_id": solved.id, "captcha": solved.answer,
        });
        self.post(at, "/api/v1/sms-codes", &body).await
    }

    pub(super) async fn register(
        &self,
        at: usize,
        mobile: &str,
        code: &str,
        password: &str,
    ) -> Option<Reply> {
        let body = json!({ "mobile": mobile, "sms_code": code, "password": password });
        self.post(at, "/api/v1/users", &body).await
    }

    pub(super) async fn sign_in(&self, at: usize, mobile: &str, password: &str) -> Option<Reply> {
        self.post(at, "/api/v1/session", &json!({ "login": mobile, "password": password })).await
    }

    /// Ends the session that an answer began.
    pub(super) async fn signs_out(&self, at: usize, begun: &Reply) -> Option<Reply> {
        let request = self.request(at, Method::DELETE, "/api/v1/session");
        answers(request.header(COOKIE, &begun.cookies)).await
    }

    /// Requests the user of the session that an answer began.
    pub(super) async fn is_known(&self, at: usize, begun: &Reply) -> Option<Reply> {
        let request = self.request(at, Method::GET, "/api/v1/session");
        answers(request.header(COOKIE, &begun.cookies)).await
    }
}

async fn answers(request: RequestBuilder) -> Option<Reply> {
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    let cookies = response.headers().get_all(SET_COOKIE).iter();
    let cookies = cookies.filter_map(|header| header.to_str().ok()?.split(';').next());
    let cookies = cookies.collect::<Vec<_>>().join("; ");
    // A captcha has no errno.
    let body = response.bytes().await.ok()?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let errno = body["errno"].as_str().unwrap_or_default().to_owned();
    Some(Reply { status, errno, cookies })
}
