//! How a server is asked: paths, names and bodies differ, what people do does not.

mod allauth;
mod better_auth;
mod flask;
mod haoma;
mod solved;

use anyhow::Context as _;
use async_trait::async_trait;
use reqwest::{
    Client, RequestBuilder, StatusCode,
    header::{HeaderMap, SET_COOKIE},
};
use serde_json::Value;

pub use self::{
    allauth::Allauth, better_auth::BetterAuth, flask::Flask, haoma::Haoma, solved::Solved,
};

/// What everybody's password is.
pub const PASSWORD: &str = "correct horse 7";

/// A server's names for what people do. `false` is a refusal.
#[async_trait]
pub trait Wire: Send + Sync {
    /// Has a captcha drawn; a failure where there are none.
    async fn picture(&self, client: &Client) -> anyhow::Result<bool>;

    /// Has a code texted.
    async fn send(&self, client: &Client, mobile: &str) -> anyhow::Result<bool>;

    /// Does what comes before a registration and is not part of it.
    async fn invite(&self, client: &Client, mobile: &str) -> anyhow::Result<bool> {
        self.send(client, mobile).await
    }

    /// Registers a number that was invited; the key to its session.
    async fn register(&self, client: &Client, mobile: &str) -> anyhow::Result<Option<String>>;

    /// Signs in by password.
    async fn sign_in(&self, client: &Client, mobile: &str) -> anyhow::Result<bool>;

    /// Asks who has a key.
    async fn who(&self, client: &Client, key: &str) -> anyhow::Result<bool>;

    /// Whether only people who have an account can be texted.
    fn texts_people_only(&self) -> bool {
        false
    }
}

/// What came back, read to its end.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    async fn to(request: RequestBuilder) -> anyhow::Result<Self> {
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Self { status, headers, body: response.bytes().await?.into() })
    }

    fn is_good(&self) -> bool {
        self.status.is_success()
    }

    fn json(&self) -> anyhow::Result<Value> {
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// The pair `name=value` of a cookie that was set.
    fn cookie(&self, name: &str) -> anyhow::Result<String> {
        let cookies = self.headers.get_all(SET_COOKIE).iter();
        let mut texts = cookies.filter_map(|header| header.to_str().ok());
        let cookie = texts.find(|text| text.contains(&format!("{name}=")));
        let pair = cookie.and_then(|text| text.split(';').next());
        Ok(pair.with_context(|| format!("no cookie {name}"))?.to_owned())
    }
}
