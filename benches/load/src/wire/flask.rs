//! A Flask service as many courses describe it, which has the outcome in the body.

use anyhow::Context as _;
use async_trait::async_trait;
use reqwest::Client;
use serde_json::json;

use super::{
    Answer, PASSWORD, Wire,
    solved::{SOLVED, Solved},
};
use crate::gateway::Gateway;

pub struct Flask {
    pub base: String,
    pub solved: Solved,
    pub gateway: Gateway,
}

impl Flask {
    fn url(&self, path: &str) -> String {
        format!("{}/api/v1.0/{path}", self.base)
    }
}

#[async_trait]
impl Wire for Flask {
    async fn picture(&self, client: &Client) -> anyhow::Result<bool> {
        let path = format!("image_codes/{:032x}", rand::random::<u128>());
        Ok(Answer::to(client.get(self.url(&path))).await?.is_good())
    }

    async fn send(&self, client: &Client, mobile: &str) -> anyhow::Result<bool> {
        let id = self.solved.take().await?;
        let path = format!("sms_codes/{mobile}?image_code={SOLVED}&image_code_id={id}");
        Ok(is_done(&Answer::to(client.get(self.url(&path))).await?))
    }

    async fn register(&self, client: &Client, mobile: &str) -> anyhow::Result<Option<String>> {
        let sms_code = self.gateway.code(mobile).context("a code")?;
        let body = json!({ "mobile": mobile, "sms_code": sms_code, "password": PASSWORD });
        let answer = Answer::to(client.post(self.url("users")).json(&body)).await?;
        is_done(&answer).then(|| answer.cookie("session")).transpose()
    }

    async fn sign_in(&self, client: &Client, mobile: &str) -> anyhow::Result<bool> {
        let body = json!({ "mobile": mobile, "password": PASSWORD });
        Ok(is_done(&Answer::to(client.post(self.url("session")).json(&body)).await?))
    }

    async fn check_session(&self, client: &Client, key: &str) -> anyhow::Result<bool> {
        Ok(is_done(&Answer::to(client.get(self.url("session")).header("cookie", key)).await?))
    }
}

fn is_done(answer: &Answer) -> bool {
    answer.is_good() && answer.json().is_ok_and(|value| value["errno"] == "0")
}
