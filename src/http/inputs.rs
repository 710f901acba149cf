//! The bodies there are, each parsed in one place for pages and JSON alike.

use super::input::{Fields, Reader};
use crate::{
    domain::{
        captcha::{CaptchaAnswer, CaptchaId},
        mobile::Mobile,
        name::Name,
        password::Password,
        purpose::Purpose,
        sms_code::SmsCode,
    },
    errors::Error,
    flows::{
        register::Registration, reset_password::PasswordReset, send_sms_code::SmsCodeRequest,
        sign_in::Credentials, sign_in_by_code::CodeLogin,
    },
};

/// The fields of `POST /api/v1/users`.
pub const REGISTRATION: &[&str] = &["mobile", "sms_code", "password", "name"];
/// The fields of `POST /api/v1/sms-codes`.
pub const SMS_CODE: &[&str] = &["mobile", "purpose", "captcha_id", "captcha"];
/// The fields of `POST /api/v1/session`.
pub const CREDENTIALS: &[&str] = &["login", "password", "remember"];

/// The fields of `POST /api/v1/session` with a code.
pub const CODE_LOGIN: &[&str] = &["mobile", "sms_code", "remember"];
/// The fields of `POST /api/v1/password-resets`.
pub const PASSWORD_RESET: &[&str] = &["mobile", "sms_code", "password"];

/// A registration; a password that fails the policy is refused here, before any code is touched.
pub fn registration(fields: &Fields, known: &[&str]) -> Result<Registration, Error> {
    let mut read = fields.reader(known);
    let mobile = read.mobile("mobile");
    let sms_code = read.text("sms_code", SmsCode::parse);
    let name = read.optional("name", Name::parse);
    let password = new_password(&mut read, mobile.as_ref(), name.as_ref());
    let made = (|| {
        Some(Registration { mobile: mobile?, sms_code: sms_code?, password: password?, name })
    })();
    read.finish(made)
}

/// A wish to be texted; the purpose is a field, or comes with the page.
pub fn sms_code_request(
    fields: &Fields,
    known: &[&str],
    purpose: impl FnOnce(&mut Reader<'_>) -> Option<Purpose>,
) -> Result<SmsCodeRequest, Error> {
    let mut read = fields.reader(known);
    let mobile = read.mobile("mobile");
    let purpose = purpose(&mut read);
    let captcha_id = read.text("captcha_id", CaptchaId::parse);
    let captcha = read.text("captcha", CaptchaAnswer::parse);
    let made = (|| {
        Some(SmsCodeRequest {
            mobile: mobile?,
            purpose: purpose?,
            captcha_id: captcha_id?,
            captcha: captcha?,
        })
    })();
    read.finish(made)
}

/// A sign-in by SMS code.
pub fn code_login(fields: &Fields, known: &[&str]) -> Result<CodeLogin, Error> {
    let mut read = fields.reader(known);
    let mobile = read.mobile("mobile");
    let sms_code = read.text("sms_code", SmsCode::parse);
    let remember = read.flag("remember");
    let made = (|| Some(CodeLogin { mobile: mobile?, sms_code: sms_code?, remember: remember? }))();
    read.finish(made)
}

/// A new password; one that fails the policy is refused here, before any code is touched.
pub fn password_reset(fields: &Fields, known: &[&str]) -> Result<PasswordReset, Error> {
    let mut read = fields.reader(known);
    let mobile = read.mobile("mobile");
    let sms_code = read.text("sms_code", SmsCode::parse);
    let password = new_password(&mut read, mobile.as_ref(), None);
    let made =
        (|| Some(PasswordReset { mobile: mobile?, sms_code: sms_code?, password: password? }))();
    read.finish(made)
}

/// A sign-in by password.
pub fn credentials(fields: &Fields, known: &[&str]) -> Result<Credentials, Error> {
    let mut read = fields.reader(known);
    let login = read.login("login");
    let password = read.text("password", Password::typed);
    let remember = read.flag("remember");
    let made = (|| Some(Credentials { login: login?, password: password?, remember: remember? }))();
    read.finish(made)
}

/// A password that passes the policy, and is neither the number nor the name.
fn new_password(
    read: &mut Reader<'_>,
    mobile: Option<&Mobile>,
    name: Option<&Name>,
) -> Option<Password> {
    read.text("password", |text| {
        let password = Password::chosen(text)?;
        match mobile {
            Some(mobile) => password.apart_from(mobile, name),
            None => Ok(password),
        }
    })
}
