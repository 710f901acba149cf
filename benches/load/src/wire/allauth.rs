//! django-allauth for apps. It has no captchas, and sends a code to an unknown number only for a registration.

use anyhow::{Context as _, bail};
use async_trait::async_trait;
use reqwest::Client;
use serde_json::{Value, json};

use super::{Answer, PASSWORD, Wire};
use crate::gateway::Gateway;

const KEY: &str = "x-session-token";

pub struct Allauth {
    pub base: String,
    pub gateway: Gateway,
}

impl Allauth {
    fn url(&self, path: &str) -> String {
        format!("{}/_allauth/app/v1/auth/{path}", self.base)
    }

    async fn post(&self, client: &Client, path: &str, body: &Value) -> anyhow::Result<Answer> {
        Answer::to(client.post(self.url(path)).json(body)).await
    }
}

#[async_trait]
impl Wire for Allauth {
    async fn picture(&self, _: &Client) -> anyhow::Result<bool> {
        bail!("allauth draws no captchas")
    }

    /// 401 means that the code is the next step.
    async fn send(&self, client: &Client, mobile: &str) -> anyhow::Result<bool> {
        let body = json!({ "phone": format!("+86{mobile}") });
        let answer = self.post(client, "code/request", &body).await?;
        Ok(answer.status == 401 && key_of(&answer).is_ok())
    }

    /// A code is sent only after a password was entered, which is the registration already.
    async fn prepare_registration(&self, _: &Client, _: &str) -> anyhow::Result<bool> {
        Ok(true)
    }

    async fn register(&self, client: &Client, mobile: &str) -> anyhow::Result<Option<String>> {
        let body = json!({ "phone": format!("+86{mobile}"), "password": PASSWORD });
        let key = key_of(&self.post(client, "signup", &body).await?)?;
        let body = json!({ "code": self.gateway.code(mobile).context("a code")? });
        let request = client.post(self.url("phone/verify")).header(KEY, key).json(&body);
        let answer = Answer::to(request).await?;
        answer.is_good().then(|| key_of(&answer)).transpose()
    }

    async fn sign_in(&self, client: &Client, mobile: &str) -> anyhow::Result<bool> {
        let body = json!({ "phone": format!("+86{mobile}"), "password": PASSWORD });
        Ok(self.post(client, "login", &body).await?.is_good())
    }

    async fn check_session(&self, client: &Client, key: &str) -> anyhow::Result<bool> {
        Ok(Answer::to(client.get(self.url("session")).header(KEY, key)).await?.is_good())
    }

    fn sends_to_registered_only(&self) -> bool {
        true
    }
}

fn key_of(answer: &Answer) -> anyhow::Result<String> {
    let body = answer.json()?;
    Ok(body["meta"]["session_token"].as_str().context("a session token")?.to_owned())
}
