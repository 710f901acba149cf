//! The family of `/passport`: what it asks for, and how it calls things.

use actix_web::http::Method;

use super::{Family, Row, Step, reader::Names, voice::Manner};
use crate::domain::dialect::Dialect;

const NAMES: Names = &[
    ("captcha_id", &["imageCodeId", "image_code_id", "img_code_id", "code_id", "cur_id", "CodeId"]),
    ("previous_captcha_id", &["pre_id", "last_uuid", "pre_uuid", "precodeid", "pre"]),
    ("captcha", &["image_code", "imageCode", "img_code"]),
    ("mobile", &["mobile"]),
    ("sms_code", &["smscode", "sms_code"]),
    ("login", &["mobile"]),
    ("password", &["password", "passport", "passwd"]),
];

const ROUTES: &[Row] = &[
    Row { step: Step::Captcha, methods: &[Method::GET], paths: &["image_code", "get_img_code"] },
    Row {
        step: Step::SendCode,
        methods: &[Method::POST],
        paths: &["sms_code", "smscode", "get_sms_code"],
    },
    Row {
        step: Step::Register,
        methods: &[Method::POST],
        paths: &["register", "password/register"],
    },
    Row { step: Step::SignIn, methods: &[Method::POST], paths: &["login"] },
    Row { step: Step::Who, methods: &[Method::GET], paths: &["user/info"] },
    Row {
        step: Step::SignOut,
        methods: &[Method::GET, Method::POST, Method::DELETE],
        paths: &["logout", "exit"],
    },
];

pub(super) const FAMILY: Family = Family {
    dialect: Dialect::Passport,
    prefixes: &["/passport", "/users", ""],
    routes: ROUTES,
    names: NAMES,
    manner: Manner::Errno,
};
