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
    /// Whether the number is to become the one of the account that asks, which then must not have it already.
    pub is_new_mobile: bool,
    /// The captcha that was solved for this request. It is `None` only where the operator allows requests without one: with
    /// `CAPTCHA=auto`, or by `needs_no_price`.
    pub captcha: Option<SolvedCaptcha>,
    /// A proof of work, which is required while sending is harder than usual.
    pub proof_of_work: Option<ProofOfWork>,
    /// Whether the operator lets this older front-end send with neither captcha nor proof of work
    /// (`DRF_SEND_WITHOUT_CAPTCHA`).
    pub needs_no_price: bool,
}
