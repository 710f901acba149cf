//! People who register and sign in, a great many of them.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, ensure};
use redis::{AsyncCommands as _, aio::ConnectionManager};
use reqwest::{Client, Response, header::SET_COOKIE};
use serde_json::{Value, json};

use crate::{gateway::Gateway, server::Server};

const PASSWORD: &str = "correct horse 7";

/// Everything that a request of a person's needs, for one server.
#[derive(Clone)]
pub struct Town {
    base: String,
    redis: ConnectionManager,
    gateway: Gateway,
    next: Arc<AtomicU64>,
    /// Numbers that have an account, and the cookie of each.
    people: Arc<Mutex<Vec<(String, String)>>>,
}

impl Town {
    pub async fn at(server: &Server, redis: &str, gateway: &Gateway) -> anyhow::Result<Self> {
        let redis = redis::Client::open(redis)?.get_connection_manager().await?;
        Ok(Self {
            base: server.base.clone(),
            redis,
            gateway: gateway.clone(),
            // Numbers of one run never meet those of another.
            next: Arc::new(AtomicU64::new(rand::random_range(0..6_000_000_000))),
            people: Arc::default(),
        })
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// A number that nobody has; neighbours in time are no neighbours in number, as in life.
    pub fn mobile(&self) -> String {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let spread = u128::from(turn) * 2_654_435_761 % 7_000_000_000;
        format!("{}", 13_000_000_000 + spread)
    }

    /// A picture that was solved: its answer is put where Haoma keeps it.
    pub async fn solved(&self) -> anyhow::Result<String> {
        let id = format!("{:032x}", rand::random::<u128>());
        let ttl = Duration::from_secs(180).as_secs();
        let _: () = self.redis.clone().set_ex(format!("haoma:captcha:{id}"), "abcd", ttl).await?;
        Ok(id)
    }

    pub async fn send(&self, client: &Client, mobile: &str) -> anyhow::Result<bool> {
        let captcha_id = self.solved().await?;
        let body = json!({
            "mobile": mobile, "purpose": "register", "captcha_id": captcha_id, "captcha": "abcd",
        });
        Ok(self.post(client, "/api/v1/sms-codes", &body).await?.status().is_success())
    }

    /// Registers with the code that was texted to a number, and remembers who that is.
    pub async fn register(&self, client: &Client, mobile: &str) -> anyhow::Result<bool> {
        let sms_code = self.gateway.code(mobile).context("a code")?;
        let body = json!({ "mobile": mobile, "sms_code": sms_code, "password": PASSWORD });
        let response = self.post(client, "/api/v1/users", &body).await?;
        if !response.status().is_success() {
            return Ok(false);
        }
        let cookie = cookie_of(&response).context("a cookie")?;
        if let Ok(mut people) = self.people.lock() {
            people.push((mobile.to_owned(), cookie));
        }
        Ok(true)
    }

    pub async fn sign_in(&self, client: &Client, turn: usize) -> anyhow::Result<bool> {
        let (mobile, _) = self.person(turn).context("people")?;
        let body = json!({ "login": mobile, "password": PASSWORD });
        Ok(self.post(client, "/api/v1/session", &body).await?.status().is_success())
    }

    /// Who am I, with the session of one of the people.
    pub async fn who(&self, client: &Client, turn: usize) -> anyhow::Result<bool> {
        let (_, cookie) = self.person(turn).context("people")?;
        let request = client.get(self.url("/api/v1/session")).header("cookie", cookie);
        let response = request.send().await?;
        let is_known = response.status().is_success();
        response.bytes().await?;
        Ok(is_known)
    }

    pub async fn get(&self, client: &Client, path: &str) -> anyhow::Result<bool> {
        let response = client.get(self.url(path)).send().await?;
        let is_there = response.status().is_success();
        response.bytes().await?;
        Ok(is_there)
    }

    pub async fn picture(&self, client: &Client) -> anyhow::Result<bool> {
        self.get(client, &format!("/api/v1/captchas/{:032x}", rand::random::<u128>())).await
    }

    pub fn population(&self) -> usize {
        self.people.lock().map_or(0, |it| it.len())
    }

    fn person(&self, turn: usize) -> Option<(String, String)> {
        let people = self.people.lock().ok()?;
        people.get(turn % people.len().max(1)).cloned()
    }

    async fn post(&self, client: &Client, path: &str, body: &Value) -> anyhow::Result<Response> {
        Ok(client.post(self.url(path)).json(body).send().await?)
    }

    /// One person from beginning to end, outside every measure.
    pub async fn settle(&self, people: usize) -> anyhow::Result<()> {
        let client = Client::new();
        for _ in self.population()..people {
            let mobile = self.mobile();
            ensure!(self.send(&client, &mobile).await?, "no code was texted");
            ensure!(self.register(&client, &mobile).await?, "nobody was registered");
        }
        Ok(())
    }
}

fn cookie_of(response: &Response) -> Option<String> {
    let cookies = response.headers().get_all(SET_COOKIE).iter();
    let mut texts = cookies.filter_map(|it| it.to_str().ok());
    let cookie = texts.find(|it| it.contains("haoma="))?;
    cookie.split(';').next().map(str::to_owned)
}
