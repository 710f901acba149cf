//! Haoma.

use std::{collections::HashMap, sync::Mutex};

use anyhow::Context as _;
use async_trait::async_trait;
use reqwest::Client;
use serde_json::json;

use super::{
    Answer, PASSWORD, Wire,
    solved::{SOLVED, Solved},
};
use crate::gateway::Gateway;

pub struct Haoma {
    pub base: String,
    pub solved: Solved,
    pub gateway: Gateway,
    /// The cookie by which the browser of each number is known. Builds before known devices set none.
    pub devices: Mutex<HashMap<String, String>>,
}

impl Haoma {
    fn url(&self, path: &str) -> String {
        format!("{}/api/v1/{path}", self.base)
    }
}

#[async_trait]
impl Wire for Haoma {
    async fn picture(&self, client: &Client) -> anyhow::Result<bool> {
        let path = format!("captchas/{:032x}", rand::random::<u128>());
        Ok(Answer::to(client.get(self.url(&path))).await?.is_good())
    }

    async fn send(&self, client: &Client, mobile: &str) -> anyhow::Result<bool> {
        let captcha_id = self.solved.take().await?;
        let body = json!({
            "mobile": mobile, "purpose": "register", "captcha_id": captcha_id, "captcha": SOLVED,
        });
        Ok(Answer::to(client.post(self.url("sms-codes")).json(&body)).await?.is_good())
    }

    async fn register(&self, client: &Client, mobile: &str) -> anyhow::Result<Option<String>> {
        let sms_code = self.gateway.code(mobile).context("a code")?;
        let body = json!({ "mobile": mobile, "sms_code": sms_code, "password": PASSWORD });
        let answer = Answer::to(client.post(self.url("users")).json(&body)).await?;
        if let (Ok(device), Ok(mut devices)) = (answer.cookie("haoma_device"), self.devices.lock())
        {
            devices.insert(mobile.to_owned(), device);
        }
        answer.is_good().then(|| answer.cookie("haoma")).transpose()
    }

    /// Signs in at the browser that registered.
    async fn sign_in(&self, client: &Client, mobile: &str) -> anyhow::Result<bool> {
        let body = json!({ "login": mobile, "password": PASSWORD });
        let mut request = client.post(self.url("session")).json(&body);
        // Cookies of a request that does not say where it is from are not read.
        request = request.header("sec-fetch-site", "same-origin");
        if let Some(device) = self.devices.lock().ok().and_then(|all| all.get(mobile).cloned()) {
            request = request.header("cookie", device);
        }
        Ok(Answer::to(request).await?.is_good())
    }

    /// A key is a cookie or the token of an app.
    async fn check_session(&self, client: &Client, key: &str) -> anyhow::Result<bool> {
        let name = if key.starts_with("Bearer ") { "authorization" } else { "cookie" };
        Ok(Answer::to(client.get(self.url("session")).header(name, key)).await?.is_good())
    }
}
