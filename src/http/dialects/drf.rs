//! The family of Django REST framework: what it asks for, and how it calls things.

use actix_web::http::Method;

use super::{Family, Row, Step, reader::Names, voice::Manner};
use crate::domain::dialect::Dialect;

const NAMES: Names = &[
    ("captcha_id", &["image_code_id"]),
    ("captcha", &["image_code"]),
    ("mobile", &["mobile"]),
    ("sms_code", &["code"]),
    ("login", &["username"]),
    ("password", &["password"]),
];

const ROUTES: &[Row] = &[
    Row { step: Step::Exists, methods: &[Method::GET], paths: &["mobile"] },
    Row { step: Step::SendLoginCode, methods: &[Method::POST], paths: &["send_sms"] },
    Row { step: Step::TokenByCode, methods: &[Method::POST], paths: &["login_sms"] },
    Row { step: Step::TokenByPassword, methods: &[Method::POST], paths: &["login_mul"] },
    Row { step: Step::TokenByRegistering, methods: &[Method::POST], paths: &["register"] },
];

pub(super) const FAMILY: Family = Family {
    dialect: Dialect::Drf,
    prefixes: &["/user"],
    routes: ROUTES,
    names: NAMES,
    manner: Manner::Drf,
};
