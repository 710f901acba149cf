//! The requests to each product: paths, names and bodies differ, the actions do not.

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

/// The password of all users.
pub const PASSWORD: &str = "correct horse 7";

/// The requests of a product. `false` means that it refused.
#[async_trait]
pub trait Wire: Send + Sync {
    /// Requests a captcha; fails if the product has none.
    async fn picture(&self, client: &Client) -> anyhow::Result<bool>;

    /// Requests a code.
    async fn send(&self, client: &Client, mobile: &str) -> anyhow::Result<bool>;

    /// Does what precedes a registration and is not part of it.
    async fn prepare_registration(&self, client: &Client, mobile: &str) -> anyhow::Result<bool> {
        self.send(client, mobile).await
    }

    /// Registers a number whose code was requested; returns the key to its session.
    async fn register(&self, client: &Client, mobile: &str) -> anyhow::Result<Option<String>>;

    /// Signs in by password.
    async fn sign_in(&self, client: &Client, mobile: &str) -> anyhow::Result<bool>;

    /// Checks the session of a key.
    async fn check_session(&self, client: &Client, key: &str) -> anyhow::Result<bool>;

    /// Whether only registered numbers can get codes.
    fn sends_to_registered_only(&self) -> bool {
        false
    }
}

/// An answer, read to its end.
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

    /// Returns the pair `name=value` of a cookie that was set.
    fn cookie(&self, name: &str) -> anyhow::Result<String> {
        let cookies = self.headers.get_all(SET_COOKIE).iter();
        let mut texts = cookies.filter_map(|header| header.to_str().ok());
        let cookie = texts.find(|text| text.contains(&format!("{name}=")));
        let pair = cookie.and_then(|text| text.split(';').next());
        Ok(pair.with_context(|| format!("no cookie {name}"))?.to_owned())
    }
}
