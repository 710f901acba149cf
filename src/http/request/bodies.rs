//! One function for each body. Pages, JSON API and legacy APIs parse with the same ones.

use super::{fields::Fields, parser::RequestParser, reader::Reader};
use crate::{
    domain::{
        account::Account,
        account_rules::PasswordRule,
        captcha::{CaptchaAnswer, CaptchaId, CaptchaMode, SolvedCaptcha},
        country::Country,
        mobile::Mobile,
        name::Name,
        password::Password,
        proof_of_work::ProofOfWork,
        purpose::Purpose,
        sms_code::SmsCode,
    },
    errors::{Error, Problem},
    flows::{
        admit::Payment, change_mobile::MobileChange, change_password::PasswordChange,
        prove_owner::OwnerProof, register::Registration, reset_password::PasswordReset,
        sign_in::Credentials, sign_in_by_code::CodeLogin, sms_code_request::SmsCodeRequest,
    },
};

/// The fields of `POST /api/v1/users`.
pub const REGISTRATION: &[&str] = &[
    "mobile",
    "country",
    "sms_code",
    "password",
    "name",
    "terms",
    "captcha_id",
    "captcha",
    "proof_of_work",
];

/// Parses a registration. A password that fails the policy is refused here, before any code is consumed.
pub fn registration(parser: &RequestParser, fields: &Fields) -> Result<Registration, Error> {
    registration_under(parser.password_rule, parser, fields)
}

/// Parses a registration by a front-end of a legacy API, which knows no account without a password.
pub fn legacy_registration(parser: &RequestParser, fields: &Fields) -> Result<Registration, Error> {
    registration_under(PasswordRule::Required, parser, fields)
}

fn registration_under(
    password_rule: PasswordRule,
    parser: &RequestParser,
    fields: &Fields,
) -> Result<Registration, Error> {
    let mut reader = Reader::new(fields, REGISTRATION);
    let mobile = mobile(&mut reader, parser);
    let sms_code = reader.text("sms_code", SmsCode::parse);
    let name = reader.optional("name", Name::parse);
    let has_password = password_rule == PasswordRule::Required || !fields.is_blank("password");
    let new = |text: &str| parser.new_password(text, mobile.as_ref(), name.as_ref());
    let password = if has_password { reader.text("password", new) } else { None };
    let terms = parser.terms.as_ref().and_then(|current| {
        reader.text("terms", |text| RequestParser::terms_version(current, text))
    });
    let payment = payment(&mut reader, fields);
    reader.finish(|| {
        Some(Registration {
            payment,
            mobile: mobile?,
            sms_code: sms_code?,
            purposes: &[Purpose::Register],
            password,
            name,
            terms,
        })
    })
}

/// The fields of `POST /api/v1/sms-codes`.
pub const SMS_CODE: &[&str] =
    &["mobile", "country", "purpose", "new_mobile", "captcha_id", "captcha", "proof_of_work"];

/// Parses a request for an SMS code.
pub fn sms_code_request(parser: &RequestParser, fields: &Fields) -> Result<SmsCodeRequest, Error> {
    let mut reader = Reader::new(fields, SMS_CODE);
    let mobile = mobile(&mut reader, parser);
    let purpose = reader.text("purpose", Purpose::parse);
    let is_new_mobile = reader.flag("new_mobile");
    let captcha = captcha_of_send(parser, fields, &mut reader);
    let proof_of_work = reader.optional("proof_of_work", ProofOfWork::parse);
    reader.finish(|| {
        let (mobile, purpose, is_new_mobile) = (mobile?, purpose?, is_new_mobile?);
        let is_new_mobile = is_new_mobile && purpose == Purpose::Rebind;
        Some(SmsCodeRequest {
            mobile,
            purpose,
            is_new_mobile,
            captcha,
            proof_of_work,
            needs_no_price: false,
        })
    })
}

/// The fields of a request for an SMS code whose purpose follows from the page or the path.
pub const SMS_CODE_OF_PURPOSE: &[&str] =
    &["mobile", "country", "captcha_id", "captcha", "proof_of_work"];

/// Parses a request for an SMS code whose purpose follows from the page or the path.
pub fn sms_code_request_for(
    purpose: Purpose,
    parser: &RequestParser,
    fields: &Fields,
) -> Result<SmsCodeRequest, Error> {
    let mut reader = Reader::new(fields, SMS_CODE_OF_PURPOSE);
    let mobile = mobile(&mut reader, parser);
    let captcha = captcha_of_send(parser, fields, &mut reader);
    let proof_of_work = reader.optional("proof_of_work", ProofOfWork::parse);
    reader.finish(|| {
        Some(SmsCodeRequest {
            mobile: mobile?,
            purpose,
            // Pages send no code to the number that an account has.
            is_new_mobile: purpose == Purpose::Rebind,
            captcha,
            proof_of_work,
            needs_no_price: false,
        })
    })
}

/// The fields of `POST /api/v1/session` with a password.
pub const CREDENTIALS: &[&str] =
    &["login", "country", "password", "remember", "captcha_id", "captcha", "proof_of_work"];

/// Parses a sign-in by password.
pub fn credentials(parser: &RequestParser, fields: &Fields) -> Result<Credentials, Error> {
    let mut reader = Reader::new(fields, CREDENTIALS);
    let country = country(&mut reader, parser);
    let login = reader.text("login", |text| parser.login(text, country));
    let password = reader.text("password", Password::typed);
    let remember = reader.flag("remember");
    let captcha = if fields.is_blank("captcha") { None } else { captcha(&mut reader) };
    let proof_of_work = reader.optional("proof_of_work", ProofOfWork::parse);
    let payment = Payment { captcha, proof_of_work };
    reader.finish(|| {
        Some(Credentials { login: login?, password: password?, remember: remember?, payment })
    })
}

/// The fields of `POST /api/v1/session` with a code.
pub const CODE_LOGIN: &[&str] = &[
    "mobile",
    "country",
    "sms_code",
    "remember",
    "name",
    "terms",
    "captcha_id",
    "captcha",
    "proof_of_work",
];

/// Parses a sign-in by SMS code. Terms that were not accepted are a problem only if the number has no account, which the
/// flow finds out.
pub fn code_login(parser: &RequestParser, fields: &Fields) -> Result<CodeLogin, Error> {
    let mut reader = Reader::new(fields, CODE_LOGIN);
    let mobile = mobile(&mut reader, parser);
    let sms_code = reader.text("sms_code", SmsCode::parse);
    let remember = reader.flag("remember");
    let name = reader.optional("name", Name::parse);
    let terms = parser
        .terms
        .as_ref()
        .map(|current| RequestParser::terms_version(current, fields.raw("terms")));
    let payment = payment(&mut reader, fields);
    reader.finish(|| {
        let (mobile, sms_code) = (mobile?, sms_code?);
        let terms = terms.transpose();
        Some(CodeLogin { mobile, sms_code, remember: remember?, name, terms, payment })
    })
}

/// The fields of `POST /api/v1/password-resets`.
pub const PASSWORD_RESET: &[&str] =
    &["mobile", "country", "sms_code", "password", "captcha_id", "captcha", "proof_of_work"];

/// Parses a new password with the code that proves the number. A password that fails the policy is refused here, before
/// the code is consumed.
pub fn password_reset(parser: &RequestParser, fields: &Fields) -> Result<PasswordReset, Error> {
    let mut reader = Reader::new(fields, PASSWORD_RESET);
    let mobile = mobile(&mut reader, parser);
    let sms_code = reader.text("sms_code", SmsCode::parse);
    let password = reader.text("password", |text| parser.new_password(text, mobile.as_ref(), None));
    let payment = payment(&mut reader, fields);
    reader.finish(|| {
        let (mobile, sms_code) = (mobile?, sms_code?);
        Some(PasswordReset { mobile, sms_code, payment, password: password? })
    })
}

/// The fields of `PUT /api/v1/user/password`.
pub const PASSWORD_CHANGE: &[&str] = &["password", "sms_code", "new_password"];

/// Parses the change of an account's password.
pub fn password_change(
    parser: &RequestParser,
    fields: &Fields,
    account: &Account,
) -> Result<PasswordChange, Error> {
    let mut reader = Reader::new(fields, PASSWORD_CHANGE);
    let owner = owner_if_proved(&mut reader, fields, "sms_code");
    let new = reader.text("new_password", |text| {
        parser.new_password(text, Some(&account.mobile), Some(&account.name))
    });
    reader.finish(|| Some(PasswordChange { owner, new: new? }))
}

/// The fields of `PUT /api/v1/user/mobile`.
pub const MOBILE_CHANGE: &[&str] = &[
    "mobile",
    "country",
    "sms_code",
    "password",
    "current_sms_code",
    "captcha_id",
    "captcha",
    "proof_of_work",
];

/// Parses the change of an account's number, with the owner's password or a code sent to the old number.
pub fn mobile_change(parser: &RequestParser, fields: &Fields) -> Result<MobileChange, Error> {
    let mut reader = Reader::new(fields, MOBILE_CHANGE);
    let mobile = mobile(&mut reader, parser);
    let sms_code = reader.text("sms_code", SmsCode::parse);
    let owner = owner_if_proved(&mut reader, fields, "current_sms_code");
    let payment = payment(&mut reader, fields);
    reader.finish(|| {
        let (mobile, sms_code) = (mobile?, sms_code?);
        Some(MobileChange { mobile, sms_code, owner, payment })
    })
}

/// The fields of `PATCH /api/v1/user`.
pub const NAME_CHANGE: &[&str] = &["name"];

/// Parses the change of an account's name.
pub fn name_change(fields: &Fields) -> Result<Name, Error> {
    let mut reader = Reader::new(fields, NAME_CHANGE);
    let name = reader.text("name", Name::parse);
    reader.finish(|| name)
}

/// The fields of the page that deletes an account without a password.
const DELETION_CONFIRMED: &[&str] = &["confirm"];

/// Refuses a page's deletion of an account without a password unless its box is ticked: nothing else is typed there.
pub fn deletion_confirmed(fields: &Fields) -> Result<(), Error> {
    let mut reader = Reader::new(fields, DELETION_CONFIRMED);
    let is_ticked = |text: &str| if text == "on" { Ok(()) } else { Err(Problem::Missing) };
    let confirmed = reader.text("confirm", is_ticked);
    reader.finish(|| confirmed)
}

/// The fields of `DELETE /api/v1/user`.
pub const OWNER_PROOF: &[&str] = &["password", "sms_code"];

/// Parses the proof that it is the owner who deletes an account.
pub fn owner_proof(fields: &Fields) -> Result<Option<OwnerProof>, Error> {
    let mut reader = Reader::new(fields, OWNER_PROOF);
    let owner = owner_if_proved(&mut reader, fields, "sms_code");
    reader.finish(|| Some(owner))
}

/// Reads the password; without one, the code. Without either, the flow decides whether one is needed.
fn owner_if_proved(reader: &mut Reader<'_>, fields: &Fields, code: &str) -> Option<OwnerProof> {
    let is_sent = |name: &str| !fields.is_blank(name);
    let password =
        if is_sent("password") { reader.text("password", Password::typed) } else { None };
    let code = if is_sent(code) { reader.text(code, SmsCode::parse) } else { None };
    password.map(OwnerProof::Password).or(code.map(OwnerProof::SmsCode))
}

/// Reads a number, which may be written as people do in the country that is named beside it. Beside a wrong country it is
/// not read, because nobody knows what its digits mean.
fn mobile(reader: &mut Reader<'_>, parser: &RequestParser) -> Option<Mobile> {
    let country = country(reader, parser);
    if reader.has_refused("country") {
        return None;
    }
    reader.text("mobile", |text| parser.mobile(text, country))
}

/// Reads the country whose way of writing numbers is meant; without one the number says it itself.
fn country(reader: &mut Reader<'_>, parser: &RequestParser) -> Option<Country> {
    reader.optional("country", |code| parser.regions.country(code))
}

/// The fields by which a request pays where it has to.
pub const PAYMENT: &[&str] = &["captcha_id", "captcha", "proof_of_work"];

/// Reads what a request brings to pay with, in case that it has to.
fn payment(reader: &mut Reader<'_>, fields: &Fields) -> Payment {
    let captcha = if fields.is_blank("captcha") { None } else { captcha(reader) };
    let proof_of_work = reader.optional("proof_of_work", ProofOfWork::parse);
    Payment { captcha, proof_of_work }
}

/// Reads the captcha of a request for an SMS code. With `CAPTCHA=auto` it may be missing, and the flow decides whether it
/// is needed.
fn captcha_of_send(
    parser: &RequestParser,
    fields: &Fields,
    reader: &mut Reader<'_>,
) -> Option<SolvedCaptcha> {
    match parser.captcha_mode {
        CaptchaMode::Auto if fields.is_blank("captcha") => None,
        CaptchaMode::Auto | CaptchaMode::Picture => captcha(reader),
    }
}

fn captcha(reader: &mut Reader<'_>) -> Option<SolvedCaptcha> {
    let id = reader.text("captcha_id", CaptchaId::parse);
    let answer = reader.text("captcha", CaptchaAnswer::parse);
    Some(SolvedCaptcha { id: id?, answer: answer? })
}
