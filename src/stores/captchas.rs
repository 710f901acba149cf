//! Captchas that wait for their answer.

use std::time::Duration;

use super::kv::Kv;
use crate::{
    domain::captcha::{CaptchaAnswer, CaptchaId},
    errors::Error,
};

/// The answers of captchas, by the identifier that a client has chosen.
#[derive(Clone)]
pub struct Captchas {
    kv: Kv,
    ttl: Duration,
}

impl Captchas {
    /// Returns the captchas in a kv store. Each can be answered for `ttl`.
    pub fn new(kv: Kv, ttl: Duration) -> Self {
        Self { kv, ttl }
    }

    /// Stores the answer of a captcha, and replaces an older captcha with the same identifier.
    pub async fn insert(&self, id: &CaptchaId, answer: &CaptchaAnswer) -> Result<(), Error> {
        self.kv.set(&key(id), answer.as_str(), self.ttl).await
    }

    /// Returns the answer of a captcha, which stays valid.
    pub async fn get(&self, id: &CaptchaId) -> Result<Option<String>, Error> {
        self.kv.get(&key(id)).await
    }

    /// Compares an answer. The captcha is removed whether it is right or wrong, so there is only one try (R3).
    pub async fn consume(&self, id: &CaptchaId, answer: &CaptchaAnswer) -> Result<(), Error> {
        match self.kv.take(&key(id)).await? {
            None => Err(Error::CaptchaGone),
            Some(expected) if expected == answer.as_str() => Ok(()),
            Some(_) => Err(Error::CaptchaWrong),
        }
    }

    /// Removes a captcha.
    pub async fn remove(&self, id: &CaptchaId) -> Result<(), Error> {
        self.kv.remove(&key(id)).await
    }
}

/// The key is documented for operators with `redis-cli`. Its value is the answer in lower case and nothing else.
fn key(id: &CaptchaId) -> String {
    format!("haoma:captcha:{}", id.as_str())
}
