//! The bodies there are, each parsed in one place for pages and JSON alike.

use super::{
    input::{Fields, Reader},
    parser::RequestParser,
};
use crate::{
    domain::{
        account::Account,
        captcha::{CaptchaAnswer, CaptchaId, SolvedCaptcha},
        name::Name,
        password::Password,
        proof_of_work::ProofOfWork,
        purpose::Purpose,
        sms_code::SmsCode,
    },
    errors::Error,
    flows::{
        change_mobile::{MobileChange, OwnerProof},
        change_password::PasswordChange,
        register::Registration,
        reset_password::PasswordReset,
        sign_in::Credentials,
        sign_in_by_code::CodeLogin,
        sms_code_request::SmsCodeRequest,
    },
};

/// The fields of `POST /api/v1/users`.
pub const REGISTRATION: &[&str] = &["mobile", "sms_code", "password", "name", "terms"];
/// The fields of `POST /api/v1/sms-codes`.
pub const SMS_CODE: &[&str] = &["mobile", "purpose", "captcha_id", "captcha", "proof_of_work"];
/// The fields of `POST /api/v1/session`.
pub const CREDENTIALS: &[&str] = &["login", "password", "remember", "captcha_id", "captcha"];

/// The fields of `POST /api/v1/session` with a code.
pub const CODE_LOGIN: &[&str] = &["mobile", "sms_code", "remember"];
/// The fields of `POST /api/v1/password-resets`.
pub const PASSWORD_RESET: &[&str] = &["mobile", "sms_code", "password"];

/// The fields of `PUT /api/v1/user/password`.
pub const PASSWORD_CHANGE: &[&str] = &["password", "new_password"];
/// The fields of `PUT /api/v1/user/mobile`.
pub const MOBILE_CHANGE: &[&str] = &["mobile", "sms_code", "password", "current_sms_code"];
/// The fields of `PATCH /api/v1/user`.
pub const NAME_CHANGE: &[&str] = &["name"];
/// The fields of `DELETE /api/v1/user`.
pub const OWNER_PROOF: &[&str] = &["password", "sms_code"];

/// A registration; a password that fails the policy is refused here, before any code is touched.
pub fn registration(
    parser: &RequestParser,
    fields: &Fields,
    known: &[&str],
) -> Result<Registration, Error> {
    let mut read = fields.reader(known);
    let mobile = read.text("mobile", |text| parser.mobile(text));
    let sms_code = read.text("sms_code", SmsCode::parse);
    let name = read.optional("name", Name::parse);
    let password =
        read.text("password", |text| parser.new_password(text, mobile.as_ref(), name.as_ref()));
    let terms = parser
        .terms
        .as_ref()
        .and_then(|current| read.text("terms", |text| RequestParser::terms_version(current, text)));
    let made = (|| {
        Some(Registration {
            mobile: mobile?,
            sms_code: sms_code?,
            purposes: &[Purpose::Register],
            password: password?,
            name,
            terms,
        })
    })();
    read.finish(made)
}

/// A wish to be texted; the purpose is a field, or comes with the page.
pub fn sms_code_request(
    parser: &RequestParser,
    fields: &Fields,
    known: &[&str],
    purpose: impl FnOnce(&mut Reader<'_>) -> Option<Purpose>,
) -> Result<SmsCodeRequest, Error> {
    let mut read = fields.reader(known);
    let mobile = read.text("mobile", |text| parser.mobile(text));
    let purpose = purpose(&mut read);
    let captcha = captcha(&mut read);
    let proof_of_work = read.optional("proof_of_work", ProofOfWork::parse);
    let made = (|| {
        let (mobile, purpose, captcha) = (mobile?, purpose?, Some(captcha?));
        Some(SmsCodeRequest { mobile, purpose, captcha, proof_of_work })
    })();
    read.finish(made)
}

/// A sign-in by SMS code.
pub fn code_login(
    parser: &RequestParser,
    fields: &Fields,
    known: &[&str],
) -> Result<CodeLogin, Error> {
    let mut read = fields.reader(known);
    let mobile = read.text("mobile", |text| parser.mobile(text));
    let sms_code = read.text("sms_code", SmsCode::parse);
    let remember = read.flag("remember");
    let made = (|| Some(CodeLogin { mobile: mobile?, sms_code: sms_code?, remember: remember? }))();
    read.finish(made)
}

/// A new password; one that fails the policy is refused here, before any code is touched.
pub fn password_reset(
    parser: &RequestParser,
    fields: &Fields,
    known: &[&str],
) -> Result<PasswordReset, Error> {
    let mut read = fields.reader(known);
    let mobile = read.text("mobile", |text| parser.mobile(text));
    let sms_code = read.text("sms_code", SmsCode::parse);
    let password = read.text("password", |text| parser.new_password(text, mobile.as_ref(), None));
    let made =
        (|| Some(PasswordReset { mobile: mobile?, sms_code: sms_code?, password: password? }))();
    read.finish(made)
}

/// Another password for an account.
pub fn password_change(
    parser: &RequestParser,
    fields: &Fields,
    known: &[&str],
    account: &Account,
) -> Result<PasswordChange, Error> {
    let mut read = fields.reader(known);
    let current = read.text("password", Password::typed);
    let new = read.text("new_password", |text| {
        parser.new_password(text, Some(&account.mobile), Some(&account.name))
    });
    let made = (|| Some(PasswordChange { current: current?, new: new? }))();
    read.finish(made)
}

/// Another number for an account, with the owner's password or a code texted to the old number.
pub fn mobile_change(
    parser: &RequestParser,
    fields: &Fields,
    known: &[&str],
) -> Result<MobileChange, Error> {
    let mut read = fields.reader(known);
    let mobile = read.text("mobile", |text| parser.mobile(text));
    let sms_code = read.text("sms_code", SmsCode::parse);
    let owner = owner(&mut read, fields, "current_sms_code");
    let made = (|| Some(MobileChange { mobile: mobile?, sms_code: sms_code?, owner: owner? }))();
    read.finish(made)
}

/// Another name.
pub fn name_change(fields: &Fields, known: &[&str]) -> Result<Name, Error> {
    let mut read = fields.reader(known);
    let name = read.text("name", Name::parse);
    read.finish(name)
}

/// What shows that it is the owner.
pub fn owner_proof(fields: &Fields, known: &[&str]) -> Result<OwnerProof, Error> {
    let mut read = fields.reader(known);
    let owner = owner(&mut read, fields, "sms_code");
    read.finish(owner)
}

/// The password if there is one, else the code.
fn owner(read: &mut Reader<'_>, fields: &Fields, code: &str) -> Option<OwnerProof> {
    if fields.has(code) && fields.is_blank("password") {
        read.text(code, SmsCode::parse).map(OwnerProof::SmsCode)
    } else {
        read.text("password", Password::typed).map(OwnerProof::Password)
    }
}

/// A sign-in by password.
pub fn credentials(
    parser: &RequestParser,
    fields: &Fields,
    known: &[&str],
) -> Result<Credentials, Error> {
    let mut read = fields.reader(known);
    let login = read.text("login", |text| parser.login(text));
    let password = read.text("password", Password::typed);
    let remember = read.flag("remember");
    let captcha = if fields.is_blank("captcha") { None } else { captcha(&mut read) };
    let made = (|| {
        Some(Credentials { login: login?, password: password?, remember: remember?, captcha })
    })();
    read.finish(made)
}

/// A captcha that was solved.
fn captcha(read: &mut Reader<'_>) -> Option<SolvedCaptcha> {
    let id = read.text("captcha_id", CaptchaId::parse);
    let answer = read.text("captcha", CaptchaAnswer::parse);
    Some(SolvedCaptcha { id: id?, answer: answer? })
}
