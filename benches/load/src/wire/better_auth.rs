//! better-auth with its phone number plugin. It has no captchas to compare with.

use anyhow::{Context as _, bail};
use async_trait::async_trait;
use reqwest::Client;
use serde_json::{Value, json};

use super::{Answer, PASSWORD, Wire};
use crate::gateway::Gateway;

pub struct BetterAuth {
    pub base: String,
    pub gateway: Gateway,
}

impl BetterAuth {
    async fn post(&self, client: &Client, path: &str, body: &Value) -> anyhow::Result<Answer> {
        Answer::to(client.post(format!("{}{path}", self.base)).json(body)).await
    }
}

#[async_trait]
impl Wire for BetterAuth {
    async fn picture(&self, _: &Client) -> anyhow::Result<bool> {
        bail!("better-auth draws no captchas")
    }

    async fn send(&self, client: &Client, mobile: &str) -> anyhow::Result<bool> {
        let body = json!({ "phoneNumber": format!("+86{mobile}") });
        Ok(self.post(client, "/api/auth/phone-number/send-otp", &body).await?.is_good())
    }

    async fn register(&self, client: &Client, mobile: &str) -> anyhow::Result<Option<String>> {
        let code = self.gateway.code(mobile).context("a code")?;
        let number = format!("+86{mobile}");
        let body = json!({ "phoneNumber": number, "code": code, "password": PASSWORD });
        let answer = self.post(client, "/register", &body).await?;
        answer.is_good().then(|| answer.cookie("better-auth.session_token")).transpose()
    }

    async fn sign_in(&self, client: &Client, mobile: &str) -> anyhow::Result<bool> {
        let body = json!({ "phoneNumber": format!("+86{mobile}"), "password": PASSWORD });
        Ok(self.post(client, "/api/auth/sign-in/phone-number", &body).await?.is_good())
    }

    /// Without a session the answer is `null`, with status 200 too.
    async fn check_session(&self, client: &Client, key: &str) -> anyhow::Result<bool> {
        let url = format!("{}/api/auth/get-session", self.base);
        let answer = Answer::to(client.get(url).header("cookie", key)).await?;
        Ok(answer.is_good() && answer.body.starts_with(b"{"))
    }
}
