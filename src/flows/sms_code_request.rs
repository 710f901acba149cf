//! A request for a code by text message.

use crate::domain::{
    captcha::SolvedCaptcha, mobile::Mobile, proof_of_work::ProofOfWork, purpose::Purpose,
};

/// A request for a code by text message, with what was solved for it.
#[derive(Clone, Debug)]
pub struct SmsCodeRequest {
    /// The number that the code goes to.
    pub mobile: Mobile,
    /// The purpose that the code will be valid for.
    pub purpose: Purpose,
    /// The captcha that was solved for this request. `None` only where the operator allows requests without one.
    pub captcha: Option<SolvedCaptcha>,
    /// A proof of work, which is required while sending is harder than usual.
    pub proof_of_work: Option<ProofOfWork>,
}
