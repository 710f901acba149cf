//! Use up the proof that somebody holds a number.

use super::State;
use crate::{
    domain::{mobile::Mobile, purpose::Purpose, sms_code::SmsCode},
    errors::Error,
    stores::codes::SpentCode,
};

/// Uses a code up; a wrong one counts against the number's day, over all its codes (SECURITY R18, R19).
pub(super) async fn spend_code(
    state: &State,
    mobile: &Mobile,
    purpose: Purpose,
    code: &SmsCode,
) -> Result<SpentCode, Error> {
    let counted = state.limits.wrong_code_of_mobile(mobile).await?;
    let spent = state.codes.spend(mobile, purpose, code).await;
    if !matches!(spent, Err(Error::SmsCodeWrong { .. })) {
        state.limits.release(&counted).await?;
    }
    spent
}

/// Puts a code back if what it paid for failed for a reason that is not its own.
///
/// If the store fails here the person needs a new code, which is the lesser evil.
pub(super) async fn put_back_after<T>(state: &State, code: &SpentCode, done: &Result<T, Error>) {
    let is_not_its_own = matches!(
        done,
        Err(Error::Store(_) | Error::Internal(_) | Error::Busy { .. } | Error::NameTaken)
    );
    if is_not_its_own && let Err(error) = state.codes.put_back(code).await {
        log::warn!("event=code_not_put_back error={error:?}");
    }
}
