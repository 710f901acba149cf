//! What a request has to bring where one that brings nothing is refused: a captcha, a harder one, a proof of work.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ProofProblem;

/// What a request has to bring, beside what it brought, to be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    captcha: Option<RequiredCaptcha>,
    proof_of_work: Option<RequiredProof>,
    retry_after: Option<Duration>,
}

/// The captcha that has to be solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RequiredCaptcha {
    /// One of the usual length; a harder one is accepted too.
    Usual,
    /// One of six letters.
    Harder,
}

/// The proof of work that has to be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequiredProof {
    /// How much work it is, in multiples of the usual amount.
    pub cost: u32,
    /// What is wrong with the proof that was sent.
    pub problem: ProofProblem,
}

impl Price {
    /// Requires a captcha.
    pub fn captcha() -> Self {
        Self { captcha: Some(RequiredCaptcha::Usual), proof_of_work: None, retry_after: None }
    }

    /// Requires a harder captcha.
    pub fn harder_captcha() -> Self {
        Self { captcha: Some(RequiredCaptcha::Harder), ..Self::captcha() }
    }

    /// Requires a proof of work. A harder captcha is accepted in its place, unless [`and_harder_captcha`] requires that
    /// too.
    ///
    /// [`and_harder_captcha`]: Self::and_harder_captcha
    pub fn proof_of_work(cost: u32, problem: ProofProblem) -> Self {
        let proof_of_work = Some(RequiredProof { cost, problem });
        Self { captcha: None, proof_of_work, retry_after: None }
    }

    /// Requires a captcha too.
    #[must_use]
    pub fn and_captcha(self) -> Self {
        Self { captcha: Some(RequiredCaptcha::Usual), ..self }
    }

    /// Requires a harder captcha too.
    #[must_use]
    pub fn and_harder_captcha(self) -> Self {
        Self { captcha: Some(RequiredCaptcha::Harder), ..self }
    }

    /// Tells when the same request may succeed without the price.
    #[must_use]
    pub fn or_wait(self, retry_after: Duration) -> Self {
        Self { retry_after: Some(retry_after), ..self }
    }

    /// Returns the captcha that is required.
    pub fn required_captcha(&self) -> Option<RequiredCaptcha> {
        self.captcha
    }

    /// Returns the proof of work that is required.
    pub fn required_proof(&self) -> Option<RequiredProof> {
        self.proof_of_work
    }

    /// Returns when the same request may succeed without the price; `None` if waiting does not help.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}
